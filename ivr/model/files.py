"""Paths of the files of a home, relative to it. Findings show these."""

from typing import Final

SETTINGS: Final = "config/line.yaml"
MENU: Final = "config/menu.yaml"
CLOSURE: Final = "config/closed.yaml"
"""Exists only while the line is closed on purpose."""
MUNICIPALITIES: Final = "config/municipalities"
TELEPHONE: Final = "config/telephone.yaml"
"""Of `ivr telephone`; no part of a reading."""

VERSIONS: Final = ".versions"
"""The folder with what the files once were."""


def municipality(slug: str) -> str:
    return f"{MUNICIPALITIES}/{slug}.yaml"


def slug_of(file: str) -> str:
    """Return the slug of a municipality's file; empty for any other file."""
    folder, _, name = file.rpartition("/")
    return name.removesuffix(".yaml") if folder == MUNICIPALITIES and name.endswith(".yaml") else ""


def prompts(language: str) -> str:
    return f"prompts/{language}.yaml"
