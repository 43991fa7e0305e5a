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

FALLBACK_NAME: Final = 100
"""Characters of a name there: twice ten of them leave the document far below its limit."""

DOCUMENT_BYTES: Final = 64 * 1024
"""Twilio refuses a larger document (https://www.twilio.com/docs/api/errors/11750)."""

SAY_CHARACTERS: Final = 3_000
"""In one Say, for Polly's voices (https://www.twilio.com/docs/voice/twiml/say)."""

FILE_BYTES: Final = 1024 * 1024
"""A configuration file larger than this is a mistake and is not read."""

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

HEADERS: Final = 64
HEADER_BYTES: Final = 4096
"""Header fields of a request, and bytes in each: Twilio and a proxy send about twenty short ones."""

KNOCKS: Final = "60 per minute"
"""Requests of one address without a good signature, and for what is not there; then 429."""

LOOKS: Final = "600 per minute"
"""Requests of one address for /health and /metrics: a load balancer asks once a second."""

STORE_SECONDS: Final = 1.0
"""Pause between two times that counts and wishes are brought to the database."""

ERASE_SECONDS: Final = 5.0
"""Pause between two looks at the wishes that are due."""

WISH_SECONDS: Final = 0.05
"""Within which a wish is written down: no document is later for a disk that is slow."""

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
"""Free, below which counts and wishes may soon not be kept any more."""

LATE_SECONDS: Final = 3600
"""After which a wish to erase a call is late, and told to who watches the line."""

WATCH_SECONDS: Final = 1.0
"""Pause between two times that what a watcher was told is gathered."""

MOST_UNGATHERED: Final = 100_000
"""Things told to a watcher that wait to be gathered: more than a worker can answer in the second between."""
