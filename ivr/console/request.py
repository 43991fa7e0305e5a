"""A request to the console: how large it may be, where its files are kept, its path, and the ids in it."""

from io import BytesIO
from typing import IO, Final

from flask import Request, request
from werkzeug.routing import IntegerConverter, Map

from ivr.model.limits import BODY_BYTES, RECORDING_BYTES

_MOST: Final = 2**63 - 1
"""Of an id."""
LARGE: Final = frozenset({"recordings.upload"})
"""Endpoints that take a sound file."""
SECRET: Final = "token"  # noqa: S105 - the name of a part of a path
"""The part of a route that opens something to whoever knows it."""


class ConsoleRequest(Request):
    """A request whose files stay in memory: a recording holds a voice, and a full disk stops nobody."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        del total_content_length, content_type, filename, content_length
        return BytesIO()


def allow_recording() -> None:
    """Let a sound file be sent where one is wanted. It is called when the sender's rights are known."""
    if request.endpoint in LARGE:
        request.max_content_length = RECORDING_BYTES + BODY_BYTES
        # The form's parser counts what it has not handed on yet of the file.
        request.max_form_memory_size = 4 * BODY_BYTES


def path_without_secret() -> str:
    """Return the path of the request, for a log.

    Where there is a secret in it, that is the route; where there is no such page, nothing.
    """
    if request.url_rule is None:
        return ""
    path = request.url_rule.rule if SECRET in (request.view_args or {}) else request.path
    return "".join(letter if letter.isprintable() else "?" for letter in path)


def to_id(text: str) -> int:
    """Return the id of a row. Raises ValueError for what is no number, or larger than a database takes."""
    number = int(text)
    if not 0 <= number <= _MOST:
        raise ValueError(text)
    return number


class IdConverter(IntegerConverter):
    """The id of a row in a URL: `<id:draft>`. A larger one is 404."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=_MOST)
