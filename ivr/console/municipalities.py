"""Which municipalities there are."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from ivr.config.reading import Reading
from ivr.console.context import current_reading, outside


def municipality_names(found: Reading) -> Mapping[str, str]:
    """Return slug → name of every municipality with a file. An unreadable file has its slug."""
    home = outside().home
    try:
        slugs = [PurePosixPath(file).stem for file in home.municipalities()]
    except OSError:
        return {}
    known = (
        {slug: each.name for slug, each in found.line.municipalities.items()}
        if found.line
        else current_reading().names()
    )
    return {slug: known.get(slug, slug) for slug in slugs}
