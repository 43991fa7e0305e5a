"""What the program says to coordinators, in their language; what it says to callers is in prompts/."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from ivr.model import languages
from ivr.model.findings import Finding

_FEW = 10
"""Words that a person reads in one go."""
_QUOTED = 100
"""Characters of a file that a finding quotes."""

# libyaml where the wheel has it: ten times as fast.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

LANGUAGES: Final = tuple(
    code for code in languages.LANGUAGES if files(__package__).joinpath(f"{code}.yaml").is_file()
)
"""Codes of the line's languages that coordinators can be answered in."""

__all__ = ["LANGUAGES", "diagnosis", "fact", "remedy", "say"]


def fact(finding: Finding, language: str) -> str:
    """What is wrong, with a hint at the nearest word that is known."""
    text = _findings(language)[finding.code]["fact"].format_map(_values(finding))
    near = get_close_matches(_quoted(finding), finding.values.get("known", ()), n=1, cutoff=0.6)
    return f"{text} {say('hint', language, word=near[0])}" if near else text


def remedy(finding: Finding, language: str) -> str:
    """What to do about it."""
    return _findings(language)[finding.code]["do"].format_map(_values(finding))


def codes(language: str) -> frozenset[str]:
    """The codes that this language has words for."""
    return frozenset(_findings(language))


def say(name: str, language: str, /, **values: Any) -> str:
    """A sentence of the program itself."""
    return str(_words(language)["sentences"][name]).format_map(values)


def diagnosis(code: str, part: str, language: str, /, **values: Any) -> str:
    """What was found, in three parts: `well` where all is; else the `fact`, and what to `do`."""
    return str(_words(language)["doctor"][code][part]).format_map(values)


def _quoted(finding: Finding) -> str:
    """What stands in the file, cut short where it is too long to be read."""
    text = str(finding.values.get("text", ""))
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def _values(finding: Finding) -> dict[str, Any]:
    values = {**finding.values, "text": _quoted(finding)}
    known = values.get("known")
    if not isinstance(known, list):
        return values
    told = ", ".join(known)
    return {**values, "known": told, "among": f": {told}" if len(known) <= _FEW else ""}


def _findings(language: str) -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = _words(language)["findings"]
    return found


@cache
def _words(language: str) -> Mapping[str, Any]:
    text = files(__package__).joinpath(f"{language}.yaml").read_text("utf-8")
    words: Mapping[str, Any] = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe one
    return words
