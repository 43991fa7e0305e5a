"""Which municipalities there are."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from ivr.config.reading import Reading, names
from ivr.console.context import outside


def municipality_names(found: Reading) -> Mapping[str, str]:
    """Return slug → name of every municipality with a file. One whose file has an error may have no name."""
    home = outside().home
    try:
        slugs = [PurePosixPath(file).stem for file in home.municipalities()]
    except OSError:
        return {}
    known = (
        {slug: each.name for slug, each in found.line.municipalities.items()} if found.line else names(home)
    )
    return {slug: known.get(slug, slug) for slug in slugs}
