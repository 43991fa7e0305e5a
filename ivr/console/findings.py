"""Findings as pages show them: what is wrong, what to do, and where."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ivr import translations
from ivr.console.words import language, say
from ivr.model.files import MUNICIPALITIES
from ivr.model.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class ShownFinding:
    code: str
    is_error: bool
    place: str
    """The municipality's name, or what file it is in."""
    fact: str
    remedy: str
    slug: str | None
    """Of the municipality, or None."""


def municipality_of(finding: Finding) -> str | None:
    """Return the slug of the municipality in whose file a finding is; None if it is in another file."""
    path = PurePosixPath(finding.file)
    return path.stem if str(path.parent) == MUNICIPALITIES else None


def shown(finding: Finding, names: Mapping[str, str]) -> ShownFinding:
    """Put a finding into the words of the current request's language. `names`: slug → name."""
    slug = municipality_of(finding)
    return ShownFinding(
        finding.code,
        finding.severity is Severity.ERROR,
        say("findings.file", file=finding.file) if slug is None else names.get(slug, slug),
        translations.fact(finding, language()),
        translations.remedy(finding, language()),
        slug,
    )
