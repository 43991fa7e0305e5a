"""Who is who in a call that somebody makes to try the line."""

from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.model.numbers import is_sip, written


def names_of(
    line: Line, municipality: Municipality, language: str | None = None, *, numbered: bool = True
) -> dict[str, str]:
    """Return endpoint → name, for all whom a call of this municipality can ring, and for its caller ID.

    `language`: of the names; by default the line's. `numbered`: whether a name ends with the number.
    Raises KeyError.
    """
    code = language or line.settings.language
    names = {contact.number: contact.name[code] for contact in municipality.contacts}
    for destination in line.settings.destinations.values():
        names |= dict.fromkeys(destination.numbers, destination.name[code])
    if numbered:
        names = {endpoint: f"{name}, {written(endpoint)}" for endpoint, name in names.items()}
    return names | {endpoint: written(endpoint) for endpoint in shown_by(municipality)}


def shown_by(municipality: Municipality) -> frozenset[str]:
    """Return the caller ID that the municipality set, if any."""
    return frozenset({municipality.shown} if municipality.shown else ())


def desk_of(municipality: Municipality) -> str:
    """Return an endpoint that may be forwarded: the first pattern of `callers`, with its `*` replaced."""
    pattern = (municipality.callers or ("+31201230000",))[0]
    return pattern.replace("*", "balie" if is_sip(pattern) else "0199")
