"""A phrase: the smallest thing the line says, and the unit of which speech is made."""

from dataclasses import dataclass
from typing import Final

PAUSE: Final = "…"
"""In a text for the ear: be silent for half a breath here."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One text in one language as it is spoken, with all its values filled in."""

    prompt: str
    """The id in prompts/<language>.yaml that the text came from."""
    language: str
    text: str
