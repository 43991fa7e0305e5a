"""The addresses under /voice, which carry the whole state of a call.

/voice                                      a call comes in
/voice/nl/step-1?silences=1                 the caller is brought to an item
/voice/nl/step-1/key?silences=1             … and pressed a key there
/voice/nl/contact/ended?link=1              a forwarding ended
/voice/pickup/voorbeeldstad?asked=1         a contact picked up
/voice/pickup/voorbeeldstad/key?asked=1     … and pressed a key
/voice/ring-check/voorbeeldstad/<token>     a contact picked up a call that checks the number
/voice/ring-check/voorbeeldstad/<token>/key … and pressed a key
/audio/<name>-<name>.wav                    clips, one after the other
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final
from urllib.parse import quote, urlencode

from ivr.dialogue.call import At, FarEndEvent, PickedUp, RingCheck

ROOT: Final = "/voice"
KEY: Final = "key"
ENDED: Final = "ended"
_PICKUP: Final = "pickup"
_RING_CHECK: Final = "ring-check"
_TOKEN = re.compile(r"[0-9a-f]{32}")
_COUNT = re.compile(r"\d{1,2}")


def of(at: At, happened: str = "") -> str:
    """Write the address of a place in the menu; `happened` is nothing, KEY or ENDED."""
    state = {name: value for name, value in asdict(at).items() if value and name not in {"language", "item"}}
    return _join((at.language, at.item, happened), state)


def of_pickup(event: PickedUp, happened: str = "") -> str:
    return _join((_PICKUP, event.municipality, happened), {"asked": event.asked} if event.asked else {})


def of_ring_check(event: RingCheck, happened: str = "") -> str:
    return _join((_RING_CHECK, event.municipality, event.token, happened), {})


def of_audio(clips: Sequence[str]) -> str:
    """Write the address of clips, by name, joined into one file."""
    return f"/audio/{'-'.join(clips)}.wav"


def read(path: str, query: Mapping[str, str]) -> tuple[At | FarEndEvent | None, str]:
    """Read what an address carries, and what happened there; None for the entry and for anything odd."""
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
                link=_count(query, "link"),
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
