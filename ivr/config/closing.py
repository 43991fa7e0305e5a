"""The file that closes the line on purpose, as `ivr close` and the console write it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import yaml

from ivr.config import shapes, source
from ivr.dialogue import flow
from ivr.dialogue.call import Call, Incoming
from ivr.model.closure import Closure
from ivr.model.files import CLOSURE
from ivr.model.findings import Finding
from ivr.model.line import Line
from ivr.model.trial_call import desk_of

_HEAD: Final = "# yaml-language-server: $schema=schema/closed.json\n# {remark}\n"
_MINUTES: Final = "%Y-%m-%dT%H:%M"


def closing_text(reason: str, since: datetime, until: datetime | None, remark: str) -> bytes:
    """Return the content of the file. `remark`: how to open again. Both moments are in the line's zone."""
    values = {"reason": reason, "since": f"{since:{_MINUTES}}"} | (
        {"until": f"{until:{_MINUTES}}"} if until else {}
    )
    head = _HEAD.format(remark=remark)
    return (head + yaml.safe_dump(values, allow_unicode=True, sort_keys=False)).encode()


def problems(content: bytes) -> tuple[Finding, ...]:
    """Return the findings that a file with this content would have."""
    parsed = source.parse(content.decode(), CLOSURE)
    _, findings = shapes.read(parsed, Closure)
    return (*parsed.findings, *findings)


def first_words(line: Line, moment: datetime) -> Mapping[str, str]:
    """Return what callers hear first at a moment → the name of one municipality in which they do.

    One element: it is the same for all municipalities.
    """
    heard: dict[str, str] = {}
    for municipality in line.municipalities.values():
        call = Call(desk_of(municipality), municipality.dialled[0], Incoming())
        says = getattr(flow.answer(line, call, moment), "says", ())
        heard.setdefault(" ".join(phrase.text for phrase in says), municipality.name)
    return heard
