"""What `ivr init` puts into a new home: the menu, the prompts and the example municipality."""

from pathlib import Path


def shipped() -> Path:
    """The folder with the shipped config/ and prompts/: inside the installed package, or the checkout."""
    inside = Path(__file__).parent / "shipped"
    return inside if inside.is_dir() else Path(__file__).parents[2]
