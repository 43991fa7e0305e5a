"""Comparison of the account's settings with those that the configuration needs. Its functions are pure."""

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
"""The name of the setting for the status callback URL, by kind."""
OVERRIDES: Final = ("trunk_sid", "voice_application_sid")
"""If one of these is set, Twilio ignores a number's own voice URLs
(https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource)."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A number or SIP domain of the account."""

    kind: Kind
    name: str
    """E.164, or the domain name."""
    sid: str
    settings: Mapping[str, str]
    """Setting → value, by Twilio's parameter names. An unset value is empty."""


@dataclass(frozen=True, slots=True)
class Change:
    """A new value for one setting."""

    setting: str
    now: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong that `ivr provision` does not mend. Its text is under `doctor` in ivr/translations."""

    code: str
    values: Mapping[str, str]
    """Values for the placeholders of the texts."""


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A number or SIP domain of the account that the configuration uses."""

    owned: Owned
    municipalities: tuple[str, ...]
    """Names of those that use it."""
    changes: tuple[Change, ...]
    """Empty if all settings are as wanted."""
    lacks_fallback: bool
    """Whether neither the configuration nor Twilio has a fallback URL for it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The result of the comparison."""

    entries: tuple[PlanEntry, ...]
    """Everything in the account that the configuration uses, changed or not."""
    problems: tuple[Problem, ...]

    @property
    def changes(self) -> tuple[PlanEntry, ...]:
        """The entries that have changes."""
        return tuple(entry for entry in self.entries if entry.changes)


@dataclass(slots=True)
class _Need:
    """What the configuration needs for one number or domain."""

    kind: Kind
    municipalities: list[str] = field(default_factory=list)
    fallbacks: set[str] = field(default_factory=set)
    """Fallback URLs of its municipalities."""


def plan(line: Line, public_url: str, owned: Iterable[Owned]) -> Plan:
    """Compare the account with the line. Example municipalities are skipped.

    `public_url`: without a trailing slash. `owned`: all numbers and SIP domains of the account.
    """
    by_name = {(each.kind, each.name): each for each in owned}
    entries: list[PlanEntry] = []
    problems = list(_foreign_sip_problems(line))
    for name, need in _needs(line).items():
        problems += _fallback_problems(name, need, public_url)
        found = by_name.get((need.kind, name))
        if found is None:
            problems.append(Problem(f"{need.kind}-lacking", _values(name, need)))
            continue
        problems += [
            Problem("overridden", {**_values(name, need), "by": setting})
            for setting in OVERRIDES
            if found.settings.get(setting)
        ]
        changes = tuple(_changes(found, _wanted(need, public_url)))
        lacks_fallback = not need.fallbacks and not found.settings["voice_fallback_url"]
        entries.append(PlanEntry(found, tuple(need.municipalities), changes, lacks_fallback))
    return Plan(tuple(entries), tuple(problems))


def domain_of(address: str) -> str | None:
    """Return the Twilio SIP domain of a SIP address, or None if it belongs to no such domain."""
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
        # A status callback would send the clerk's number to its URL.
        STATUS_CALLBACK[need.kind]: "",
    }
    if len(need.fallbacks) == 1:
        wanted |= {"voice_fallback_url": min(need.fallbacks), "voice_fallback_method": "POST"}
    return wanted


def _changes(owned: Owned, wanted: Mapping[str, str]) -> Iterator[Change]:
    for setting, value in wanted.items():
        if owned.settings[setting] != value:
            yield Change(setting, owned.settings[setting], value)


def _fallback_problems(name: str, need: _Need, public_url: str) -> Iterator[Problem]:
    if len(need.fallbacks) > 1:
        yield Problem("domain-shared", _values(name, need))
    if urlsplit(public_url).netloc in {urlsplit(each).netloc for each in need.fallbacks}:
        yield Problem("fallback-ours", _values(name, need))


def _foreign_sip_problems(line: Line) -> Iterator[Problem]:
    for municipality in line.municipalities.values():
        for address in () if municipality.example else municipality.dialled:
            if numbers.is_sip(address) and domain_of(address) is None:
                yield Problem("sip-foreign", {"address": address, "municipalities": municipality.name})


def _values(name: str, need: _Need) -> Mapping[str, str]:
    shown = numbers.written(name) if need.kind == "number" else name
    return {"address": shown, "municipalities": ", ".join(need.municipalities)}
