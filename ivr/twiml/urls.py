"""The URLs of webhooks, which carry the whole state of a call, and those of clips. They have no host.

/voice                                      a call came in
/voice/nl/step-1?silences=1                 the caller was redirected to an item
/voice/nl/step-1/key?silences=1             … or pressed a key in it
/voice/nl/contact/ended?member=1            a forwarding ended
/voice/pickup/voorbeeldstad?asked=1         a contact answered
/voice/pickup/voorbeeldstad/key?asked=1     … and pressed a key
/voice/ring-check/voorbeeldstad/<token>     a contact answered a call that checks the number
/voice/ring-check/voorbeeldstad/<token>/key … and pressed a key
/audio/<name>.wav                           a clip
/audio/<name>-<name>.wav?gap=4000           clips, joined into one file with a silence between
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final
from urllib.parse import quote, urlencode

from ivr.dialogue.call import At, FarEndEvent, PickedUp, RingCheck
from ivr.model.playing import GAP_BYTES

ROOT: Final = "/voice"
KEY: Final = "key"
ENDED: Final = "ended"
JOINED: Final = f"gap={GAP_BYTES}"
"""The query of joined clips: the silence between two of them, in bytes of samples."""
_PICKUP: Final = "pickup"
_RING_CHECK: Final = "ring-check"
_TOKEN = re.compile(r"[0-9a-f]{32}")
_COUNT = re.compile(r"\d{1,2}")


def of(at: At, happened: str = "") -> str:
    """The URL of a caller's state; `happened` is empty, KEY or ENDED."""
    state = {name: value for name, value in asdict(at).items() if value and name not in {"language", "item"}}
    return _join((at.language, at.item, happened), state)


def of_pickup(event: PickedUp, happened: str = "") -> str:
    """The URL of a contact who answers a forwarded call; `happened` is empty or KEY."""
    return _join((_PICKUP, event.municipality, happened), {"asked": event.asked} if event.asked else {})


def of_ring_check(event: RingCheck, happened: str = "") -> str:
    """The URL of a contact who answers a call that checks the number; `happened` is empty or KEY."""
    return _join((_RING_CHECK, event.municipality, event.token, happened), {})


def of_audio(clips: Sequence[str]) -> str:
    """The URL of clips, by name, joined into one file. Twilio caches it for ever, so it names the silence."""
    return f"/audio/{'-'.join(clips)}.wav{f'?{JOINED}' if len(clips) > 1 else ''}"


def read(path: str, query: Mapping[str, str]) -> tuple[At | FarEndEvent | None, str]:
    """Read the state of a URL, and what happened there: KEY, ENDED or other text of the URL.

    The state is None for a new call and for an invalid URL.
    """
    match path.removeprefix(ROOT).strip("/").split("/"):
        case ["pickup", municipality, *rest]:
            return PickedUp(municipality, _count(query, "asked")), "".join(rest[:1])
        case ["ring-check", municipality, token, *rest] if _TOKEN.fullmatch(token):
            return RingCheck(municipality, token), "".join(rest[:1])
        case [language, item, *rest]:
            at = At(
                language,
                item,
                silences=_count(query, "silences"),
                wrongs=_count(query, "wrongs"),
                member=_count(query, "member"),
                origin=query.get("origin", ""),
            )
            return at, "".join(rest[:1])
        case _:
            return None, ""


def _join(parts: tuple[str, ...], query: Mapping[str, str | int]) -> str:
    path = "/".join((ROOT, *(quote(part, safe="") for part in parts if part)))
    return f"{path}?{urlencode(query)}" if query else path


def _count(query: Mapping[str, str], name: str) -> int:
    value = query.get(name, "")
    return int(value) if _COUNT.fullmatch(value) else 0
