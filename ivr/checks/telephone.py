"""Checks of config/telephone.yaml beside the line that it leads to. They are no part of a reading."""

from collections.abc import Iterator

from ivr.model import numbers
from ivr.model.files import TELEPHONE
from ivr.model.findings import Finding, Severity
from ivr.model.line import Line
from ivr.model.telephone import PORT, Telephone


def findings(line: Line, telephone: Telephone) -> Iterator[Finding]:
    """Yield what the two contradict each other in. A key of a mapping stands in a path as it was read."""
    yield from _lines_lead_to_municipalities(line, telephone)
    yield from _routes_lead_away_from_what_is_rung(line, telephone)
    yield from _peers_may_be_put_through(line, telephone)


def _lines_lead_to_municipalities(line: Line, telephone: Telephone) -> Iterator[Finding]:
    for user, slug in telephone.lines.items():
        if slug not in line.municipalities:
            values = {"text": slug, "known": list(line.municipalities)}
            yield Finding("value-unknown", TELEPHONE, ("lines", user), values)


def _routes_lead_away_from_what_is_rung(line: Line, telephone: Telephone) -> Iterator[Finding]:
    rung = {numbers.tidy(each) for each in _endpoints(line)}
    here = f"@{telephone.listen.host}:{telephone.listen.port}"
    for endpoint, target in telephone.routes.items():
        place = ("routes", endpoint)
        if (target if target.count(":") > 1 else f"{target}:{PORT}").endswith(here):
            yield Finding("route-to-line", TELEPHONE, place, {"text": target})
        if numbers.tidy(endpoint) not in rung:
            written = numbers.written(endpoint)
            yield Finding("route-unused", TELEPHONE, place, {"text": written}, severity=Severity.WARNING)


def _endpoints(line: Line) -> Iterator[str]:
    """Yield all endpoints that the line may ring."""
    for municipality in line.municipalities.values():
        yield from (contact.number for contact in municipality.contacts)
    for destination in line.settings.destinations.values():
        yield from destination.numbers


def _peers_may_be_put_through(line: Line, telephone: Telephone) -> Iterator[Finding]:
    for index, peer in enumerate(telephone.peers):
        known = peer.known_as
        if known is None or any(
            municipality.forwards(numbers.tidy(known)) for municipality in line.municipalities.values()
        ):
            continue
        values = {"text": numbers.written(known), "address": str(peer.address)}
        place = ("peers", index, "as")
        yield Finding("peer-stranger", TELEPHONE, place, values, severity=Severity.WARNING)
