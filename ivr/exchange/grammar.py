"""Reads TwiML documents, and refuses what Twilio refuses, with the same error number.

What the line does not use is refused too, though Twilio allows it. A Dial with more than one noun, and a
request by GET, have error 0; other verbs and nouns have Twilio's number for what it does not know.

Sources: https://www.twilio.com/docs/voice/twiml and the page of each verb there; error numbers from
https://www.twilio.com/docs/api/errors.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET

from ivr.exchange.verbs import Dial, DialNoun, Gather, Hangup, Pause, Play, Redirect, Say, TwimlError, Verb

BYTES: Final = 64 * 1024
"""Size of a document, at most (error 11750)."""
CONTENT_TYPES: Final = ("text/xml", "application/xml")
SAY_CHARACTERS: Final = {"Polly": 3_000, "Google": 5_000}
"""Provider of a voice → characters of a Say, at most."""
LOOPS: Final = 1_000
"""Repetitions of a Say or a Play, at most. `loop="0"` asks for as many."""


def read(document: bytes, content_type: str) -> tuple[Verb, ...]:
    """Return the verbs of a document, in order. Raises TwimlError for a document that is refused."""
    if content_type.partition(";")[0].strip().lower() not in CONTENT_TYPES:
        raise TwimlError(12300, f"a document of type {content_type!r}")
    if len(document) > BYTES:
        raise TwimlError(11750, f"a document of {len(document)} bytes")
    try:
        # Without a document type there are no entities to expand.
        root = ET.fromstring(document, ET.XMLParser(target=_WithoutDocumentType()))  # noqa: S314
    except ET.ParseError as error:
        raise TwimlError(12100, str(error)) from None
    if root.tag != "Response" or root.attrib:
        raise TwimlError(12200, f"{root.tag} where Response belongs")
    return tuple(verb for element in _children(root, _TOP) for verb in _verbs(element))


class _WithoutDocumentType(ET.TreeBuilder):
    """Builds a tree without comments, and refuses a document type before its entities are read."""

    def doctype(self, *_: str | None) -> None:
        raise TwimlError(12100, "a document type")


_TOP: Final = ("Say", "Play", "Pause", "Gather", "Dial", "Redirect", "Hangup")
_IN_GATHER: Final = ("Say", "Play", "Pause")
_WITHOUT_TEXT: Final = ("Response", "Gather", "Dial")
_SSML: Final = ("break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w")


def _one_of(*values: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, values)))


_ANY: Final = re.compile(r".*", re.DOTALL)
_COUNT: Final = re.compile(r"\d{1,5}")
_POSITIVE: Final = re.compile(r"[1-9]\d{0,4}")
_VOICE: Final = re.compile(
    r"man|woman|alice|Polly\.[A-Z][a-z]{1,20}(?:-Neural|-Generative)?"
    r"|Google\.[a-z]{2,3}-[A-Z]{2}-(?:Standard|Wavenet|Neural2|Chirp3-HD)-[A-Z][a-z]{0,20}"
)
_METHOD: Final = _one_of("GET", "POST")
_BOOLEAN: Final = _one_of("true", "false")
_URL: Final = re.compile(r"(https?://[^\s]+|/[^\s]*)")
_FILE_URL: Final = re.compile(r"https?://[^\s]+")
"""Of a Play, whose page shows absolute URLs alone (https://www.twilio.com/docs/voice/twiml/play)."""
_ENDPOINTS: Final = {
    "Number": re.compile(r"\+[1-9]\d{6,14}"),
    "Sip": re.compile(r"sips?:[^@\s]+@[^@\s]+"),
}
_NOUN: Final = {
    "url": _URL,
    "method": _METHOD,
    "statusCallback": _URL,
    "statusCallbackMethod": _METHOD,
    "statusCallbackEvent": _ANY,
}
_ATTRIBUTES: Final[Mapping[str, Mapping[str, re.Pattern[str]]]] = {
    "Say": {"voice": _VOICE, "language": re.compile(r"[a-z]{2,3}-[A-Z]{2}"), "loop": _COUNT},
    "Play": {"loop": _COUNT, "digits": re.compile(r"[0-9wW*#]+")},
    "Pause": {"length": _COUNT},
    "Gather": {
        "action": _URL,
        "method": _METHOD,
        "input": _one_of("dtmf", "speech", "dtmf speech"),
        "timeout": _POSITIVE,
        "numDigits": _POSITIVE,
        "finishOnKey": re.compile(r"[0-9*#]?"),
        "actionOnEmptyResult": _BOOLEAN,
        "language": _ANY,
    },
    "Dial": {
        "action": _URL,
        "method": _METHOD,
        "timeout": re.compile(r"[5-9]|[1-9]\d|[1-5]\d\d|600"),
        "timeLimit": re.compile(r"[1-9]\d{0,3}|[1-7]\d{4}|8[0-5]\d{3}|86[0-3]\d{2}|86400"),
        "callerId": _ANY,
        "hangupOnStar": _BOOLEAN,
        "answerOnBridge": _BOOLEAN,
        "ringTone": re.compile(r"[a-z]{2}(-old)?"),
        "sequential": _BOOLEAN,
    },
    "Number": {**_NOUN, "sendDigits": re.compile(r"[0-9wW*#]+"), "byoc": re.compile(r"BY[0-9a-f]{32}")},
    "Sip": {**_NOUN, "username": _ANY, "password": _ANY},
    "Redirect": {"method": _METHOD},
    "Hangup": {},
    "break": {
        "strength": _one_of("none", "x-weak", "weak", "medium", "strong", "x-strong"),
        "time": re.compile(r"\d{1,5}(ms|s)"),
    },
    "emphasis": {"level": _one_of("strong", "moderate", "reduced")},
    "say-as": {"interpret-as": _ANY, "format": _ANY},
    "prosody": {"rate": _ANY, "volume": _ANY, "pitch": _ANY},
    "phoneme": {"alphabet": _one_of("ipa", "x-sampa"), "ph": _ANY},
    "lang": {"{http://www.w3.org/XML/1998/namespace}lang": _ANY},
    "sub": {"alias": _ANY},
    "w": {"role": _ANY},
    "p": {},
    "s": {},
}


_CODES: Final = {"voice": 13511, "timeLimit": 13216}
"""Attribute → the error number of a value that is not allowed; 12200 for all others."""


def _children(element: ET.Element, allowed: tuple[str, ...]) -> list[ET.Element]:
    """Return the children of an element.

    Raises TwimlError for a child, an attribute of a child, or text in the element that is not allowed.
    """
    for child in element:
        if child.tag not in allowed:
            raise TwimlError(12200, f"{child.tag} in {element.tag}")
        for name, value in child.attrib.items():
            rule = _ATTRIBUTES[child.tag].get(name)
            if rule is None or not rule.fullmatch(value):
                raise TwimlError(_CODES.get(name, 12200), f"{name}={value!r} in {child.tag}")
            if name == "method" and value != "POST":
                raise TwimlError(0, f"{name}={value!r} in {child.tag}, and this exchange only posts")
    if element.tag in _WITHOUT_TEXT and any(text.strip() for text in _own_text(element)):
        raise TwimlError(12200, f"text between the verbs of {element.tag}")
    return list(element)


def _own_text(element: ET.Element) -> list[str]:
    """Return the text directly in an element, before, between and after its children."""
    return [element.text or "", *(child.tail or "" for child in element)]


def _verbs(element: ET.Element) -> list[Verb]:
    """Return the verb of an element, as often as its `loop` says."""
    return [_READERS[element.tag](element)] * min(int(element.get("loop", "1")) or LOOPS, LOOPS)


def _text(element: ET.Element) -> str:
    if len(element):
        raise TwimlError(12200, f"{element[0].tag} in {element.tag}")
    text = (element.text or "").strip()
    if not text:
        raise TwimlError(12200, f"an empty {element.tag}")
    return text


def _url(element: ET.Element, rule: re.Pattern[str]) -> str:
    url = _text(element)
    if not rule.fullmatch(url):
        raise TwimlError(12200, f"{url!r} in {element.tag}")
    return url


def _say(element: ET.Element) -> Say:
    text = " ".join(_spoken(element).split())
    voice = element.get("voice", "")
    most = SAY_CHARACTERS.get(voice.partition(".")[0], min(SAY_CHARACTERS.values()))
    if not text or len(text) > most:
        raise TwimlError(12200, f"{len(text)} characters in Say")
    return Say(text, voice)


def _spoken(element: ET.Element) -> str:
    """Return the text of a Say, with an ellipsis for each break."""
    parts = [element.text or ""]
    for child in _children(element, _SSML):
        parts += [" … " if child.tag == "break" else _spoken(child), child.tail or ""]
    return " ".join(parts)


def _gather(element: ET.Element) -> Gather:
    verbs = (verb for child in _children(element, _IN_GATHER) for verb in _verbs(child))
    digits = element.get("numDigits")
    return Gather(
        action=element.get("action", ""),
        timeout=int(element.get("timeout", "5")),
        num_digits=int(digits) if digits else None,
        finish_on_key=element.get("finishOnKey", "#"),
        action_on_empty_result=element.get("actionOnEmptyResult") == "true",
        verbs=tuple(verb for verb in verbs if isinstance(verb, Say | Play | Pause)),
    )


def _dial(element: ET.Element) -> Dial:
    nouns = [_noun(child) for child in _children(element, ("Number", "Sip"))]
    if not nouns or (len(nouns) > 1 and element.get("sequential") != "true"):
        raise TwimlError(0 if nouns else 12200, "a Dial of this line rings one Number or Sip at a time")
    return Dial(
        action=element.get("action"),
        timeout=int(element.get("timeout", "30")),
        time_limit=int(element.get("timeLimit", "14400")),
        caller_id=element.get("callerId"),
        noun=nouns[0],
        others=tuple(nouns[1:]),
    )


def _noun(element: ET.Element) -> DialNoun:
    endpoint = _text(element)
    if not _ENDPOINTS[element.tag].fullmatch(endpoint):
        raise TwimlError(13224, f"{element.tag} {endpoint!r}")
    return DialNoun(endpoint, element.get("url"))


_READERS: Final[Mapping[str, Callable[[Any], Verb]]] = {
    "Say": _say,
    "Play": lambda element: Play(_url(element, _FILE_URL)),
    "Pause": lambda element: Pause(int(element.get("length", "1"))),
    "Gather": _gather,
    "Dial": _dial,
    "Redirect": lambda element: Redirect(_url(element, _URL)),
    "Hangup": lambda _: Hangup(),
}
