"""Limits of the line, each with its unit and its reason.

A limit stands here if a configuration, a call or a request is measured by it, or if more than one module
uses it. A limit that a single module sets to its own threads, caches, retries or processes may stand in that
module, beside its use; then no other module imports it.
"""

from typing import Final

# A call

RING_SECONDS: Final = 25
"""How long a telephone rings unless the configuration says otherwise: about six rings."""

RING_RANGE: Final = (5, 120)
"""Seconds. Twilio takes 5 to 600; no clerk waits longer than two minutes."""

SILENCE_RANGE: Final = (2, 30)
"""Seconds of silence before a menu is offered again."""

TRIES_RANGE: Final = (1, 9)
"""Number of times that a menu is offered before the farewell."""

ANNOUNCEMENT_SECONDS: Final = 1
"""Seconds after an announcement in which a key still counts: the shortest timeout that a Gather can have."""

PICKUP_SECONDS: Final = 6
"""Seconds after the question in which a contact can press 1."""

PICKUP_TRIES: Final = 2
"""Number of times that a contact is asked to press 1. A wrong key repeats the question; silence does not."""

TALK_MINUTES: Final = 60
"""Longest duration of a forwarded call unless the configuration says otherwise."""

TALK_RANGE: Final = (1, 240)
"""Minutes. Twilio ends a call after four hours (https://www.twilio.com/docs/voice/twiml/dial)."""

CALLS_RANGE: Final = (1, 50)
"""Calls at once of `ivr telephone`. Each has two legs with sound at most, and a thread."""

FALLBACK_CONTACTS: Final = 10
"""Contacts of a municipality in its fallback document: a longer list cannot be remembered."""

DOCUMENT_BYTES: Final = 64 * 1024
"""Largest document that Twilio takes (https://www.twilio.com/docs/api/errors/11750)."""

# A check of a contact's number

RING_CHECK_SECONDS: Final = 60
"""Longest duration of such a call: the question and the answer take 25."""

RING_CHECK_POLL_SECONDS: Final = 1.0
"""Interval at which the state of such a call is read: Twilio lets an account ask far more often."""

RING_CHECK_POLL_FAILURES: Final = 3
"""Consecutive failures to read that state, after which the call is hung up."""

CONFIRMED_DAYS: Final = 90
"""Days after which the check of a contact's number no longer counts."""

NOTE_SECONDS: Final = 2
"""Longest wait for the key of a contact to be stored; the contact hears nothing meanwhile."""

# Values in a file

SAY_CHARACTERS: Final = 3_000
"""In one Say with one of Polly's voices (https://www.twilio.com/docs/voice/twiml/say)."""

NAME_CHARACTERS: Final = 100
"""In the name of a municipality, contact or destination: it is spoken in the middle of a sentence."""

SPOKEN_CHARACTERS: Final = 150
"""In a number, key or moment as it is spoken: the longest is a foreign number, digit by digit."""

ENDPOINT_CHARACTERS: Final = 255
"""In a telephone number, SIP address or pattern: Twilio dials none that is longer."""

VALUE_CHARACTERS: Final = 500
"""In any other value of a file: a URL of Twilio's has about a hundred."""

CONTACTS: Final = 20
"""Contacts of a municipality: no clerk waits until twenty have been rung."""

MAIL_ADDRESSES: Final = 20
"""Mail addresses of a municipality."""

MAIL_CHARACTERS: Final = 254
"""In a mail address (RFC 5321, 4.5.3.1.3)."""

SPANS: Final = 10
"""Spans of hours of a contact: two spans on each of five days."""

LISTED: Final = 200
"""Elements of any other list in a file, such as `closed` or `callers`."""

NAMED: Final = 500
"""Items of the menu, or prompts of a language: ten times as many as are shipped."""

YEARS: Final = (2000, 2100)
"""First and last year of a date in a file: any other is a typing error."""

HORIZON_DAYS: Final = 60
"""How far ahead a contact's next hour on duty is looked for, and hours at which nobody is rung."""

GAPS_SHOWN: Final = 5
"""Gaps of a municipality that have a finding each; the others are counted in one finding more."""

ABSENCE_KEPT_DAYS: Final = 90
"""Days after which an absence that is over should be taken out of the file."""

# Files and folders

FILE_BYTES: Final = 256 * 1024
"""Of a configuration file: a larger one is a mistake and is not read. The largest shipped has 12 kB."""

FOLDER_ENTRIES: Final = 10_000
"""In a folder that is listed each second: there are 342 municipalities."""

YAML_DEPTH: Final = 20
"""Levels of nesting: a menu needs four. Deeper input could exhaust the parser's stack."""

FINDINGS_SHOWN: Final = 100
"""Findings of one file: the others are counted in one finding more."""

RELOAD_SECONDS: Final = 1.0
"""Interval at which the files are examined for changes, which the contract promises to use within 2 s."""

SLOW_LOOK_SECONDS: Final = 10.0
"""Duration of such an examination after which it is reported as hanging: a thousand files take 1 s."""

DOCUMENTS_KEPT: Final = 1024
"""Documents of one reading in the cache: all menus and the common forwardings, about 2 MB."""

# Sound

BUILT_ENTRIES: Final = 200_000
"""In a folder of built speech, two files for each text: listing 50,000 texts takes 2 s, once a change."""

TEXT_BYTES: Final = 16 * 1024
"""Of the text beside a sound: longer than any Say."""

RECORDING_BYTES: Final = 16_000_000
"""Of one recording or built clip: 65 s in stereo at 48 kHz are 12.5 MB."""

RECORDING_SECONDS: Final = 65
RECORDING_CHANNELS: Final = 2
RECORDING_RATES: Final = (8_000, 96_000)
"""Of a recording, rates in Hz. Checked before decoding, which can take a thousand times the file's size."""

PLAY_BYTES: Final = 75 * 16_000
"""Of a file that is played: 75 s at 16 kB a second. The longest reply as shipped, numbers and the main menu,
takes 73 s."""

PLAY_PIECES: Final = 64
"""Phrases in such a file: the longest reply of the shipped menu has 15."""

SOUND_BYTES: Final = 16_000_000
"""Of the sound in a worker's cache: the files of all menus as shipped are 5 MB."""

CLIP_SECONDS: Final = 3
"""Longest wait for a clip to be read from the disk: Twilio gives up after 15 s."""

# Requests

BODY_BYTES: Final = 64 * 1024
"""Of the body of a webhook: Twilio's have about 1 kB."""

FORM_FIELDS: Final = 200
"""In the body of a webhook: Twilio sends about 30."""

BODY_SECONDS: Final = 10
"""In which the body of a webhook must arrive."""

HEADERS: Final = 64
HEADER_BYTES: Final = 4096
HEAD_BYTES: Final = 16 * 1024
"""Number of header fields of a request, bytes in each, and in all: Twilio and a proxy send about twenty."""

HEAD_SECONDS: Final = 10
"""In which the headers of a request must arrive, counted from the connection or from their first byte."""

ANSWER_SECONDS: Final = 30
"""In which a request must be answered and its answer read by the client: a clip has PLAY_BYTES at most."""

KEEP_ALIVE_SECONDS: Final = 75
"""How long an idle connection is kept: longer than by our proxies (60), so that they close it first and send
no request on a connection that is being closed."""

CONNECTIONS: Final = 500
"""Of a worker at the same time. One more, and the connection that has been idle longest is closed."""

CLOSE_SECONDS: Final = 4
"""For connections to end when the line stops: a document takes milliseconds."""

UNSIGNED_REQUESTS: Final = "60 per minute"
"""From one IP address: requests without a valid signature, or for what does not exist. More get 429."""

CLIP_FETCHES: Final = "1200 per minute"
"""From one IP address to one worker: clips that exist. Twilio caches what it has fetched."""

MONITORING_REQUESTS: Final = "600 per minute"
"""From one IP address: /health and /metrics. A load balancer asks once a second."""

SHARE_SECONDS: Final = 1.0
"""Interval at which a worker shares its metrics with the other workers."""

# The database

STORE_SECONDS: Final = 1.0
"""Interval at which counts and erasures are written to the database."""

ERASE_SECONDS: Final = 5.0
"""Interval at which the erasures that are due are looked up."""

ERASURE_SECONDS: Final = 0.05
"""Longest wait for an erasure to be written to disk before the document is sent without it."""

STOP_SECONDS: Final = 5
"""For the store's threads to end when the line stops; the whole line has 10 s for it."""

LATE_SECONDS: Final = 3600
"""Age of an erasure from which it is reported as late."""

# Twilio's REST API

TWILIO_SECONDS: Final = 15
"""Without a response, after which a request has failed."""

TWILIO_TRIES: Final = 3
"""Number of times that a request is repeated that Twilio was too busy for."""

TWILIO_PAUSE: Final = 30
"""Longest pause (s) before that, whatever Twilio asks for."""

# The doctor

DOCTOR_SECONDS: Final = 10
"""In which the public URL must answer: Twilio gives up after 15 s."""

CERTIFICATE_DAYS: Final = 30
"""For which a certificate must still be valid: enough to renew it by hand."""

CLOCK_WARNING_SECONDS: Final = 30
"""Difference from Twilio's clock that is a warning: a smaller one affects nobody's hours."""

CLOCK_ERROR_SECONDS: Final = 300
"""Difference from Twilio's clock that is an error: contacts would be rung outside their hours."""

DISK_WARNING_BYTES: Final = 10**9
"""Free space below which there is a warning: a log or a backup is growing."""

DISK_ERROR_BYTES: Final = 10**8
"""Free space below which there is an error: counts and erasures may soon be lost."""
