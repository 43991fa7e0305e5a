"""Every limit of the line, in one place, each with its reason."""

from typing import Final

RING_SECONDS: Final = 25
"""How long a far end rings unless the configuration says otherwise: about six rings."""

RING_RANGE: Final = (5, 120)
"""Seconds. Twilio takes 5 to 600; no clerk waits longer than two minutes."""

SILENCE_RANGE: Final = (2, 30)
"""Seconds of silence before a menu is offered again."""

TRIES_RANGE: Final = (1, 9)
"""Times a menu is offered before the farewell."""

ANNOUNCEMENT_SECONDS: Final = 1
"""Seconds in which `*` still goes back after an announcement has been heard: Twilio's shortest."""

PICKUP_SECONDS: Final = 6
"""Seconds in which who picked up can press 1, counted from the end of the question."""

PICKUP_TRIES: Final = 2
"""Times who picked up is asked; a voicemail greeting hides the first."""

RING_CHECK_SECONDS: Final = 60
"""Of a call that checks a number, at most: saying and asking takes 25."""

RING_CHECK_LOOK: Final = 1.0
"""Seconds between two looks at how such a call goes: Twilio lets an account ask far more often."""

CONFIRMED_DAYS: Final = 90
"""Days after which a contact's number counts as not checked any more."""

FALLBACK_CONTACTS: Final = 10
"""Of a municipality, in the document for when our server is down: who listens to more has lost the first."""

DOCUMENT_BYTES: Final = 64 * 1024
"""Twilio refuses a larger document (https://www.twilio.com/docs/api/errors/11750)."""

SAY_CHARACTERS: Final = 3_000
"""In one Say, for Polly's voices (https://www.twilio.com/docs/voice/twiml/say)."""

NAME_CHARACTERS: Final = 100
"""Of a municipality, a contact or a destination: who rings hears it in one breath."""

SPOKEN_CHARACTERS: Final = 150
"""Of a number, a key or a moment as it is spoken: a number abroad, digit by digit, is the longest."""

VALUE_CHARACTERS: Final = 500
"""Of any other value in a file: an address of Twilio's has a hundred."""

CONTACTS: Final = 20
"""Of a municipality: nobody waits until the twentieth has rung."""

SPANS: Final = 10
"""Hours of one contact: each day of a week in two parts takes fewer lines."""

LISTED: Final = 200
"""In any other list of a file, such as `closed` or `callers`."""

NAMED: Final = 500
"""Items of the menu, or prompts of a language: ten times what is shipped."""

FINDINGS_TOLD: Final = 100
"""Of one file: nobody reads more before the first are mended."""

YEARS: Final = (2000, 2100)
"""Of any day in a file, both included: beyond lies a slip of the pen, and the end of the calendar."""

TALK_MINUTES: Final = 60
"""How long a forwarded talk lasts at most unless the configuration says otherwise."""

TALK_RANGE: Final = (1, 240)
"""Minutes. Twilio itself ends a talk after four hours (https://www.twilio.com/docs/voice/twiml/dial)."""

FILE_BYTES: Final = 256 * 1024
"""A configuration file larger than this is a mistake and is not read: the largest shipped has 12 kB."""

FOLDER_ENTRIES: Final = 10_000
"""In a folder that is looked at each second: there are 342 municipalities."""

BUILT_ENTRIES: Final = 200_000
"""In a folder of built speech, two files a text: listing 50,000 texts takes 2 s, when one of them changed."""

TEXT_BYTES: Final = 16 * 1024
"""Of the text beside a sound: more than one Say can have."""

RECORDING_BYTES: Final = 16_000_000
"""Of one recording or one built clip: 65 s in stereo at 48 kHz are 12.5 MB."""

RECORDING_SECONDS: Final = 65
RECORDING_CHANNELS: Final = 2
RECORDING_RATES: Final = (8_000, 96_000)
"""Of a recording, looked at before it is decoded, which may take a thousand times its room."""

PLAY_BYTES: Final = 65 * 16_000
"""Of a file that is played: 65 s at 16 kB a second. The longest menu as shipped takes 40."""

PLAY_PIECES: Final = 64
"""Phrases in it; the longest item of the shipped menu has 9."""

SOUND_BYTES: Final = 16_000_000
"""Of sound that a worker keeps ready: the files of all menus as shipped are 5 MB."""

LATE_LOOK_SECONDS: Final = 10.0
"""After which a look at the files that is not finished is told: a thousand files take one."""

YAML_DEPTH: Final = 20
"""Levels of nesting; a menu needs four. Deeper input could exhaust the parser's stack."""

HORIZON_DAYS: Final = 60
"""How far ahead somebody's next hour on duty is looked for."""

RELOAD_SECONDS: Final = 1.0
"""Pause between two looks at the files; the contract promises a change within two seconds."""

DOCUMENTS_KEPT: Final = 1024
"""Documents of one reading that are kept: all menus, and who is rung often; about 2 MB."""

BODY_BYTES: Final = 64 * 1024
"""A webhook is about 1 kB; a larger body is not from Twilio."""

BODY_SECONDS: Final = 10
"""In which the body of a webhook must have come."""

HEADERS: Final = 64
HEADER_BYTES: Final = 4096
HEAD_BYTES: Final = 16 * 1024
"""Header fields of a request, bytes in each, and in all: Twilio and a proxy send about twenty short ones."""

HEAD_SECONDS: Final = 10
"""In which a client must have sent the headers of a request, once it is connected or has begun with them."""

ANSWER_SECONDS: Final = 30
"""In which a request must have been answered, and the answer read by the client: a clip is 1 MB at most."""

KEPT_SECONDS: Final = 75
"""For which a connection is kept between two requests: longer than our proxies keep it (60), so that none of
them sends a request just as it is closed."""

CONNECTIONS: Final = 500
"""Of a worker at the same time. With one more, the one that waits longest for a request is closed."""

CLOSE_SECONDS: Final = 4
"""For connections to end when the line stops; a document takes milliseconds."""

KNOCKS: Final = "60 per minute"
"""Requests of one address without a good signature, and for what is not there; then 429."""

CLIP_FETCHES: Final = "1200 per minute"
"""Clips that are there, fetched by one address from one worker. Twilio keeps what it has fetched."""

CLIP_SECONDS: Final = 3
"""In which a clip must have been read from the disk; Twilio plays nothing later than 15."""

LOOKS: Final = "600 per minute"
"""Requests of one address for /health and /metrics: a load balancer asks once a second."""

STORE_SECONDS: Final = 1.0
"""Pause between two times that counts and erasures are brought to the database."""

ERASE_SECONDS: Final = 5.0
"""Pause between two looks at the erasures that are due."""

ERASURE_SECONDS: Final = 0.05
"""Within which an erasure is written down: no document is later for a disk that is slow."""

STOP_SECONDS: Final = 5
"""Within which the keeping stops; who stops the whole line waits 10."""

NOTE_SECONDS: Final = 2
"""Within which the key of a contact who confirms a number is noted: who picked up can wait so long."""

RING_CHECK_BLIND: Final = 3
"""Looks at such a call that may fail one after the other, before it is hung up."""

TWILIO_SECONDS: Final = 15
"""Without a word from Twilio's API, after which a request has failed."""

TWILIO_TRIES: Final = 3
"""Times a request is sent again that Twilio was too busy for."""

TWILIO_PAUSE: Final = 30
"""Seconds that we wait at most before that, whatever Twilio asks for."""

DOCTOR_SECONDS: Final = 10
"""Within which the public address must answer the doctor; Twilio itself waits 15."""

CERTIFICATE_DAYS: Final = 30
"""Days that a certificate must still be good: time enough for somebody to renew it by hand."""

CLOCK_WARNING_SECONDS: Final = 30
"""By which our clock may differ from Twilio's; nobody's hours are noticeably wrong by less."""

CLOCK_ERROR_SECONDS: Final = 300
"""From here on contacts are rung outside their hours."""

DISK_WARNING_BYTES: Final = 10**9
"""Free, below which somebody should look: a log or a backup is growing."""

DISK_ERROR_BYTES: Final = 10**8
"""Free, below which counts and erasures may soon not be kept any more."""

LATE_SECONDS: Final = 3600
"""After which an erasure to erase a call is late, and told to who watches the line."""

SHARE_SECONDS: Final = 1.0
"""Pause between two times that a worker shares with the others what it told the watcher."""
