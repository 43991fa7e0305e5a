"""What the account must say so that calls reach the line, beside what it says now: pure comparison."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

from ivr.model import numbers
from ivr.model.line import Line

Kind = Literal["number", "domain"]
STATUS_CALLBACK: Final[Mapping[Kind, str]] = {
    "number": "status_callback",
    "domain": "voice_status_callback_url",
}
"""What the address that hears of each call's end is called there."""
OVERRIDES: Final = ("trunk_sid", "voice_application_sid")
"""Where one of these is set, Twilio passes over a number's own addresses
(https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource)."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A number or SIP domain as the account has it."""

    kind: Kind
    name: str
    """E.164, or the domain's name."""
    sid: str
    settings: Mapping[str, str]
    """By the names under which Twilio changes them; one that is not set is empty."""


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that is to become another."""

    setting: str
    now: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What `ivr provision` cannot put right, or will not; its words stand under `doctor` in translations."""

    code: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One number or SIP domain that the configuration needs, and the account has."""

    owned: Owned
    municipalities: tuple[str, ...]
    changes: tuple[Change, ...]
    bare: bool
    """Nothing answers there when the line does not: no fallback, here or at Twilio."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done."""

    entries: tuple[PlannedChange, ...]
    problems: tuple[Problem, ...]

    @property
    def changes(self) -> tuple[PlannedChange, ...]:
        return tuple(entry for entry in self.entries if entry.changes)


@dataclass(slots=True)
class _Need:
    """What the configuration says of one number or domain."""

    kind: Kind
    municipalities: list[str] = field(default_factory=list)
    fallbacks: set[str] = field(default_factory=set)


def plan(line: Line, public_url: str, owned: Iterable[Owned]) -> Plan:
    """Compare; examples are left out. `public_url`: without a slash behind it."""
    have = {(each.kind, each.name): each for each in owned}
    entries: list[PlannedChange] = []
    problems = list(_foreign(line))
    for name, need in _needs(line).items():
        problems += _doubts(name, need, public_url)
        found = have.get((need.kind, name))
        if found is None:
            problems.append(Problem(f"{need.kind}-lacking", _about(name, need)))
            continue
        problems += [
            Problem("overridden", {**_about(name, need), "by": setting})
            for setting in OVERRIDES
            if found.settings.get(setting)
        ]
        changes = tuple(_changes(found, _wanted(need, public_url)))
        bare = not need.fallbacks and not found.settings["voice_fallback_url"]
        entries.append(PlannedChange(found, tuple(need.municipalities), changes, bare))
    return Plan(tuple(entries), tuple(problems))


def domain_of(address: str) -> str | None:
    """The SIP domain at Twilio that an address belongs to; None where it belongs to none."""
    sip = numbers.Sip.of(address)
    return sip.domain if sip else None


def _needs(line: Line) -> Mapping[str, _Need]:
    needs: dict[str, _Need] = {}
    for municipality in line.municipalities.values():
        for address in () if municipality.example else municipality.dialled:
            sip = numbers.is_sip(address)
            name = domain_of(address) if sip else address
            if name is None:
                continue
            need = needs.setdefault(name, _Need("domain" if sip else "number"))
            if municipality.name not in need.municipalities:
                need.municipalities.append(municipality.name)
            if municipality.fallback:
                need.fallbacks.add(municipality.fallback)
    return needs


def _wanted(need: _Need, public_url: str) -> Mapping[str, str]:
    wanted = {
        "voice_url": f"{public_url}/voice",
        "voice_method": "POST",
        # It would tell whoever listens there the clerk's number.
        STATUS_CALLBACK[need.kind]: "",
    }
    if len(need.fallbacks) == 1:
        wanted |= {"voice_fallback_url": min(need.fallbacks), "voice_fallback_method": "POST"}
    return wanted


def _changes(owned: Owned, wanted: Mapping[str, str]) -> Iterator[Change]:
    for setting, value in wanted.items():
        if owned.settings[setting] != value:
            yield Change(setting, owned.settings[setting], value)


def _doubts(name: str, need: _Need, public_url: str) -> Iterator[Problem]:
    if len(need.fallbacks) > 1:
        yield Problem("domain-shared", _about(name, need))
    if urlsplit(public_url).netloc in {urlsplit(each).netloc for each in need.fallbacks}:
        yield Problem("fallback-ours", _about(name, need))


def _foreign(line: Line) -> Iterator[Problem]:
    for municipality in line.municipalities.values():
        for address in () if municipality.example else municipality.dialled:
            if numbers.is_sip(address) and domain_of(address) is None:
                yield Problem("sip-foreign", {"address": address, "municipalities": municipality.name})


def _about(name: str, need: _Need) -> Mapping[str, str]:
    shown = numbers.written(name) if need.kind == "number" else name
    return {"address": shown, "municipalities": ", ".join(need.municipalities)}
