"""The names of a home's files, relative to it, as findings show them."""

from typing import Final

SETTINGS: Final = "config/line.yaml"
MENU: Final = "config/menu.yaml"
CLOSURE: Final = "config/closed.yaml"
"""There only while the line is closed on purpose."""
MUNICIPALITIES: Final = "config/municipalities"


def municipality(word: str) -> str:
    """The file of a municipality."""
    return f"{MUNICIPALITIES}/{word}.yaml"


def prompts(language: str) -> str:
    """The prompts of a language."""
    return f"prompts/{language}.yaml"
