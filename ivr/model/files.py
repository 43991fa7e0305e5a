"""Paths of the files of a home, relative to it. Findings show these."""

from typing import Final

SETTINGS: Final = "config/line.yaml"
MENU: Final = "config/menu.yaml"
CLOSURE: Final = "config/closed.yaml"
"""Exists only while the line is closed on purpose."""
MUNICIPALITIES: Final = "config/municipalities"


def municipality(slug: str) -> str:
    return f"{MUNICIPALITIES}/{slug}.yaml"


def prompts(language: str) -> str:
    return f"prompts/{language}.yaml"
