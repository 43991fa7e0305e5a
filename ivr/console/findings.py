"""Findings as pages show them: what is wrong, what to do, and where."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from flask import url_for

from ivr import translations
from ivr.console.editing.fields import as_people_write, id_of, label_of
from ivr.console.words import language, say
from ivr.model.files import CLOSURE, MUNICIPALITIES
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
    field: str
    """Id of the field of the municipality's form; empty where the form has none."""
    file: str
    contact: str
    """Which contact it is about, in words; empty where it is about none."""
    prompt: str
    """Whose text or recording it is about; empty where it is about neither."""

    @property
    def url(self) -> str | None:
        """Of the place where it can be put right; None if that is no page."""
        if self.slug:
            return url_for("municipality.edit", slug=self.slug, _anchor=self.field or "form")
        if self.file == CLOSURE:
            return url_for("closing.line")
        return url_for("texts.prompt", prompt=self.prompt) if self.prompt else None


def municipality_of(finding: Finding) -> str | None:
    """Return the slug of the municipality in whose file a finding is; None if it is in another file."""
    path = PurePosixPath(finding.file)
    return path.stem if str(path.parent) == MUNICIPALITIES else None


def shown(finding: Finding, names: Mapping[str, str]) -> ShownFinding:
    """Put a finding into the words of the current request's language. `names`: slug → name."""
    slug = municipality_of(finding)
    if slug:
        finding = replace(finding, values=_as_the_form_writes(finding) | _as_the_form_calls(finding))
    return ShownFinding(
        finding.code,
        finding.severity is Severity.ERROR,
        say("findings.file", file=finding.file) if slug is None else names.get(slug, slug),
        _said("fact", finding) if slug else translations.fact(finding, language()),
        _said("remedy", finding) if slug else translations.remedy(finding, language()),
        slug,
        id_of(finding.path) if slug else "",
        finding.file,
        _contact(finding) if slug else "",
        _prompt(finding),
    )


def _as_the_form_writes(finding: Finding) -> dict[str, Any]:
    """Return the values of a finding with days as the fields of the form show them."""
    return {
        name: as_people_write(value) if isinstance(value, str) else value
        for name, value in finding.values.items()
    }


def _as_the_form_calls(finding: Finding) -> dict[str, Any]:
    """Return the setting that a finding is about under the label of its field; nothing where it has none."""
    label = label_of(finding.path)
    if not label:
        return {}
    return {"at": say("findings.at", setting=say(label)), "named": say("findings.named", setting=say(label))}


def _contact(finding: Finding) -> str:
    match finding.path:
        case ("contacts", int(place), *_):
            return say("findings.contact", number=place + 1)
        case _:
            return ""


def _prompt(finding: Finding) -> str:
    """Return the prompt whose recording or text a finding is about; empty where it is about neither."""
    path = PurePosixPath(finding.file)
    if path.suffix == ".wav" and "recordings" in path.parts:
        return path.stem
    return str(finding.path[0]) if path.parts[:1] == ("prompts",) and finding.path else ""


def _said(part: str, finding: Finding) -> str:
    """Return the words for who has a form in place of a file; those for the file where they are the same."""
    try:
        return say(f"{part}.{finding.code}", **translations.values_of(finding, language()))
    except KeyError:
        made = translations.fact if part == "fact" else translations.remedy
        return made(finding, language())
