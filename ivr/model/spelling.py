"""Characters that word processors and web pages put in the place of those that people type.

Only what has one meaning is changed: a dash for a dash, a space for a space.
"""

import re
from typing import Final

_SPACES: Final = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_UNSEEN: Final = (
    "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
"""Characters without a width, such as those around a number that was copied from a telephone."""
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_QUOTES: Final = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\"'"

_VISIBLE: Final = {**dict.fromkeys(map(ord, _SPACES), " "), **dict.fromkeys(map(ord, _UNSEEN))}
_PLAIN: Final = dict.fromkeys(map(ord, _DASHES), "-")
_BULLETS: Final = "\u00b7\u2022\u2023\u2043\u25aa\u25cf\u25e6"
_LIST_DASH: Final = re.compile(rf"(?m)^([ \t]*)[{_DASHES}{_BULLETS}](?=[ \t])")


def visible(text: str) -> str:
    """Return the text of a file without characters that nobody sees, and with ordinary spaces.

    A dash of another kind or a bullet that begins a line becomes the hyphen of a list. The number of lines
    stays the same.
    """
    return text if text.isascii() else _LIST_DASH.sub(r"\1-", text.translate(_VISIBLE))


def plain(text: str) -> str:
    """Return a number, day or word with hyphens for dashes, and without quotes around it."""
    if text.isascii():
        return text
    text = text.translate(_VISIBLE).translate(_PLAIN).strip()
    quoted = len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES
    return text[1:-1].strip() if quoted else text
