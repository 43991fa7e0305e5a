"""The files that `ivr init` copies into a new home: menu, prompts and example municipality."""

from pathlib import Path


def shipped() -> Path:
    """Return the folder of the shipped config/ and prompts/: in the installed package, or in the checkout."""
    inside = Path(__file__).parent / "shipped"
    return inside if inside.is_dir() else Path(__file__).parents[2]
