"""The pictures of pages. Each is drawn once for one content, by one thread at a time.

The libraries that draw have state of their own, which two threads would spoil.
"""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from cachetools import LRUCache

from ivr.model.line import Line
from ivr.report.months import Month

_BYTES: Final = 4_000_000
"""Of the pictures of reports that are kept: one of twenty municipalities and a year has 300 kB."""

_drawing: Final = Lock()
_menus: Final[WeakKeyDictionary[Line, dict[str, bytes]]] = WeakKeyDictionary()
"""Line → language → picture."""
_reports: Final[LRUCache[str, bytes]] = LRUCache(_BYTES, getsizeof=len)
"""Content of a report, as text → picture."""


def of_menu(line: Line, language: str) -> bytes:
    """Return the picture of the menu (SVG)."""
    # Imported here, because it loads Graphviz, which few pages need.
    from ivr.report.graph import draw  # noqa: PLC0415

    with _drawing:
        pictures = _menus.setdefault(line, {})
        if language not in pictures:
            pictures[language] = draw(line, language)
        return pictures[language]


def of_report(months: Sequence[Month], names: Mapping[str, str], language: str) -> bytes:
    """Return the picture of counts (SVG). `names`: slug → name."""
    # Imported here, because it takes a second.
    from ivr.report.picture import draw  # noqa: PLC0415

    content = repr((language, months, sorted(names.items())))
    with _drawing:
        picture: bytes | None = _reports.get(content)
        if picture is None:
            picture = draw(months, names, language)
            if len(picture) <= _BYTES:
                _reports[content] = picture
        return picture
