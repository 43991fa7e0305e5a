"""A phrase: the unit of what is spoken, and of what is recorded or synthesised."""

from dataclasses import dataclass
from typing import Final

PAUSE: Final = "…"
"""Stands for a short pause in a spoken text."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One text in one language, with all values filled in."""

    prompt: str
    """The id of the text in prompts/<language>.yaml."""
    language: str
    text: str
