"""Texts for coordinators in each language. Texts for callers are in prompts/."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Final

import yaml

from ivr.model import languages
from ivr.model.findings import Finding
from ivr.model.meant import meant

_LISTED = 10
"""Known values that a finding lists, at most; a longer list is left out."""
_QUOTED = 100
"""Characters of a file that a finding quotes, at most."""

# libyaml is ten times as fast, but not every wheel of PyYAML has it.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

LANGUAGES: Final = tuple(
    code for code in languages.LANGUAGES if files(__package__).joinpath(f"{code}.yaml").is_file()
)
"""Codes of the line's languages that coordinators can be answered in."""

__all__ = [
    "LANGUAGES",
    "diagnosis",
    "fact",
    "help_of",
    "metavar",
    "of_click",
    "page",
    "remedy",
    "say",
    "values_of",
]


class _Counting(Formatter):
    """Counts: `{warnings:point|points}` becomes "1 point" or "2 points"."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        one, bar, more = format_spec.partition("|")
        if not bar:
            return super().format_field(value, format_spec)
        return f"{value} {one if int(value) == 1 else more}"


_FORMATTER: Final = _Counting()


def fact(finding: Finding, language: str) -> str:
    """Return what is wrong, with a hint at the most similar known value. Raises KeyError."""
    text = _filled(_findings(language)[finding.code]["fact"], values_of(finding, language))
    word = finding.values.get("meant") or meant(_quoted(finding, language), finding.values.get("known", ()))
    return f"{text} {say('hint', language, word=word)}" if word else text


def remedy(finding: Finding, language: str) -> str:
    """Return what to do about a finding. Raises KeyError."""
    return _filled(_findings(language)[finding.code]["do"], values_of(finding, language))


def codes(language: str) -> frozenset[str]:
    """Return the codes of findings that a language has texts for."""
    return frozenset(_findings(language))


def say(name: str, language: str, /, **values: Any) -> str:
    """Return the sentence `name` with its placeholders filled in. Raises KeyError."""
    return _filled(_words(language)["sentences"][name], values)


def diagnosis(code: str, part: str, language: str, /, **values: Any) -> str:
    """Return one part of the texts of a result of the doctor or of `ivr provision`.

    `part`: `well` where nothing is wrong; else `fact` (what is wrong) or `do` (what to do).
    """
    return _filled(_words(language)["doctor"][code][part], values)


def _filled(text: str, values: Mapping[str, Any]) -> str:
    return _FORMATTER.vformat(text, (), values)


def page(name: str, language: str, /, **values: Any) -> str:
    """Return a text of the console by its path, as `overview.title`, with its placeholders filled in.

    Raises KeyError.
    """
    return _filled(_console(language)[name], values)


@cache
def _console(language: str) -> Mapping[str, str]:
    """Return path → text of ivr/translations/console."""
    return dict(_flat("", _load(f"console/{language}.yaml")))


def _flat(path: str, words: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in words.items():
        if isinstance(value, dict):
            yield from _flat(f"{path}{name}.", value)
        else:
            yield f"{path}{name}", str(value)


def help_of(typed: str, language: str) -> str | None:
    """Return the help of a command (`ivr call`), or of an option: of one (`ivr call --keys`) or all (`--at`).

    None where there is none.
    """
    found: str | None = _words(language)["help"].get(typed)
    return found


def metavar(name: str, language: str) -> str | None:
    """Return what the help shows for a value: of an argument (`reason`), or of an option as in `help_of`."""
    found: str | None = _words(language)["metavars"].get(name)
    return found


def of_click(language: str) -> Mapping[str, str]:
    """Return text of click → what it says instead. It is empty for English, which click speaks itself."""
    found: Mapping[str, str] = _words(language).get("click", {})
    return found


def _quoted(finding: Finding, language: str) -> str:
    """Return the text that a finding quotes, cut to _QUOTED characters."""
    text = str(_shown(finding.values.get("text", ""), language))
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def values_of(finding: Finding, language: str) -> dict[str, Any]:
    """Return what fills the braces of the texts of a finding."""
    shown = {name: _shown(value, language) for name, value in finding.values.items()}
    values = {**_place(finding, language), **shown, "text": _quoted(finding, language)}
    if values.get("owner") == "":
        values["owner"] = say("top", language)
    known = values.get("known")
    if not isinstance(known, list):
        return values
    listed = ", ".join(known)
    return {**values, "known": listed, "among": f": {listed}" if len(known) <= _LISTED else ""}


def _shown(value: Any, language: str) -> Any:
    return value.strftime(say("day", language)) if isinstance(value, datetime) else value


def _place(finding: Finding, language: str) -> dict[str, str]:
    """Return the setting that a finding is about, as it begins a sentence and as it stands before a value."""
    words = [part for part in finding.path if isinstance(part, str)]
    if len(words) > 1 and words[-1] in languages.LANGUAGES:
        words.pop()  # one of the names of a thing
    if not words:
        return {"at": say("here", language), "named": ""}
    return {"at": say("at", language, setting=words[-1]), "named": f"{words[-1]}: "}


def _findings(language: str) -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = _words(language)["findings"]
    return found


@cache
def _words(language: str) -> Mapping[str, Any]:
    return _load(f"{language}.yaml")


def _load(name: str) -> Mapping[str, Any]:
    text = files(__package__).joinpath(name).read_text("utf-8")
    words: Mapping[str, Any] = yaml.load(text, Loader=_LOADER)  # noqa: S506 - both loaders are safe
    return words
