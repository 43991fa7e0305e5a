"""Checks of prompts and voices: none is missing, and no text says what the menu decides."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from ivr.dialogue.menu_graph import ENDINGS
from ivr.dialogue.prompts import BRACES, IN_ANNOUNCEMENT, IN_MENU, NUMBERS, OWN, spoken_as
from ivr.model import files
from ivr.model.findings import Finding, Severity
from ivr.model.languages import LANGUAGES, is_voice
from ivr.model.line import Line
from ivr.model.menu import CONTACTS

_PRESS: Final = "|".join(word for language in LANGUAGES.values() for word in language.press)
_PRESSED: Final = "|".join(word for language in LANGUAGES.values() for word in language.pressed)
_KEY_WORDS: Final = re.compile(rf"\b(?:{_PRESS}) (?:\d|{_PRESSED})\b", re.IGNORECASE)


def used(line: Line) -> dict[str, frozenset[str]]:
    """Prompt that the line speaks → the names that it may have in braces."""
    may = dict(OWN)
    for name, item in line.menu.items.items():
        for prompt in (version for named in item.say for version in spoken_as(named)):
            may[prompt] = may.get(prompt, IN_ANNOUNCEMENT) & _allowed(name, item.dial)
        for prompt in item.back:
            may[prompt] = may.get(prompt, IN_ANNOUNCEMENT) & _allowed(name, item.dial) - {"key"}
        for choice in (item.keys or {}).values():
            for prompt in (choice.say, *(version for named in choice.after for version in spoken_as(named))):
                may[prompt] = may.get(prompt, IN_MENU) & IN_MENU
    return may | {NUMBERS: OWN[NUMBERS]}


def _allowed(item: str, dial: str | None) -> frozenset[str]:
    if item in ENDINGS:
        return frozenset()  # their caller may have dialled no municipality
    if dial == CONTACTS:
        return IN_ANNOUNCEMENT - {"number"}  # callers do not hear the numbers of contacts
    return IN_ANNOUNCEMENT if dial else IN_MENU


def every_prompt_exists_in_every_language(line: Line, _: date) -> Iterator[Finding]:
    for language in LANGUAGES:
        known = line.prompts[language]
        for prompt in used(line).keys() - known.keys():
            yield Finding(
                "prompt-missing", files.prompts(language), (prompt,), {"text": prompt, "known": list(known)}
            )


def every_prompt_is_used(line: Line, _: date) -> Iterator[Finding]:
    for language in LANGUAGES:
        for prompt in line.prompts[language].keys() - used(line).keys():
            yield Finding(
                "prompt-unused",
                files.prompts(language),
                (prompt,),
                {"text": prompt},
                severity=Severity.WARNING,
            )


def braces_hold_what_is_known(line: Line, _: date) -> Iterator[Finding]:
    may = used(line)
    for language in LANGUAGES:
        for prompt, text in line.prompts[language].items():
            allowed = sorted(may.get(prompt, ()))
            for found in BRACES.finditer(text):
                if prompt in may and found[1] not in allowed:
                    yield _brace(language, prompt, found[1], allowed)
            if re.search(r"[{}]", BRACES.sub("", text)):
                yield Finding("brace-open", files.prompts(language), (prompt,), {"text": prompt})


def _brace(language: str, prompt: str, name: str, allowed: list[str]) -> Finding:
    values = {"text": name, "allowed": ", ".join(f"{{{each}}}" for each in allowed) or "-", "known": allowed}
    return Finding("brace-unknown", files.prompts(language), (prompt,), values)


def no_text_names_a_key_itself(line: Line, _: date) -> Iterator[Finding]:
    for language in LANGUAGES:
        for prompt, text in line.prompts[language].items():
            if found := _KEY_WORDS.search(text):
                yield Finding(
                    "key-in-text",
                    files.prompts(language),
                    (prompt,),
                    {"text": found[0]},
                    severity=Severity.WARNING,
                )


def every_language_has_a_voice(line: Line, _: date) -> Iterator[Finding]:
    for language in LANGUAGES:
        if language not in line.settings.voices:
            yield Finding("voice-missing", files.SETTINGS, ("voices", language), {"text": language})


def every_voice_speaks_its_language(line: Line, _: date) -> Iterator[Finding]:
    for language, voice in line.settings.voices.items():
        if not is_voice(voice, language):
            values = {"text": voice, "language": language, "known": list(LANGUAGES[language].polly)}
            yield Finding("voice-unknown", files.SETTINGS, ("voices", language), values)


CHECKS: Final = (
    every_prompt_exists_in_every_language,
    every_prompt_is_used,
    braces_hold_what_is_known,
    no_text_names_a_key_itself,
    every_language_has_a_voice,
    every_voice_speaks_its_language,
)
