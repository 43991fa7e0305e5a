"""Writes a text as a YAML scalar on one line, from which any reader gets the same text."""

import re
from collections.abc import Sequence
from typing import Final

_PLAIN: Final = re.compile(r"[^\W_+(][\w ()+./@'-]*|\+[0-9][0-9 ()./-]*\*?")
"""What needs no quotes anywhere: no character that begins or ends something in YAML."""
_CLOCK: Final = re.compile(r"[^\W_][\w ,-]*[0-9]{1,2}:[0-9]{2} *- *[0-9]{1,2}:[0-9]{2}")
"""Hours such as `ma-vr 08:30-17:00`: a colon before a digit is part of a plain text."""
_COMMA: Final = ","
_SHORT: Final = 0xFF
_LONG: Final = 0xFFFF


def scalar(text: str, quote: str = "", *, inline: bool = True) -> str:
    """Return the scalar of a text. It is quoted where it must be.

    `quote`: the quotes that the place had, or an empty string. `inline`: between brackets or braces, where a
    comma separates. A text with a character that UTF-8 cannot hold raises UnicodeEncodeError.
    """
    text.encode()
    if not quote and _is_plain(text, inline=inline):
        return text
    if quote == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def sequence(texts: Sequence[str], quote: str = "") -> str:
    """Return a list on one line."""
    return "[" + ", ".join(scalar(text, quote) for text in texts) + "]"


def _is_plain(text: str, *, inline: bool) -> bool:
    if inline and _COMMA in text:
        return False
    good = _PLAIN.fullmatch(text) or _CLOCK.fullmatch(text)
    return bool(good) and text.isprintable() and text == text.strip()


def _escaped(sign: str) -> str:
    """Return a character as it stands between double quotes (https://yaml.org/spec/1.2.2/#57-escaped-characters)."""
    if sign in '"\\':
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    code = ord(sign)
    if code <= _SHORT:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _LONG else f"\\U{code:08x}"
