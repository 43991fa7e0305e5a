"""Style sheets and scripts: named after their content, compressed once, and kept by browsers."""

import gzip
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from flask import Flask, Response, abort, request, url_for

FOR_EVER: Final = "public, max-age=31536000, immutable"
STYLES: Final = (
    "vendor/voorbeeld/voorbeeld.css",
    "vendor/utrecht/utrecht.css",
    "vendor/button/button.css",
    "vendor/skip-link/skip-link.css",
    "theme.css",
    "layout.css",
)
"""The parts of the one style sheet, in their order. Later ones have precedence."""
_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_HASH: Final = 12
"""Characters of the content's SHA-256 in a name."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    content: bytes
    compressed: bytes
    content_type: str


class StaticFiles:
    """All static files, by the name under which they are served."""

    def __init__(self) -> None:
        folder = files("ivr.console").joinpath("static")
        style = b"\n".join(folder.joinpath(part).read_bytes() for part in STYLES)
        parts = {"console.css": style} | {
            each.name: each.read_bytes() for each in folder.iterdir() if _is_served(each)
        }
        self._named: dict[str, str] = {}
        """Name in the folder → name with the hash."""
        self._files: dict[str, StaticFile] = {}
        for name, content in parts.items():
            stem, _, ending = name.rpartition(".")
            hashed = f"{stem}.{sha256(content).hexdigest()[:_HASH]}.{ending}"
            self._named[name] = hashed
            self._files[hashed] = StaticFile(content, gzip.compress(content, mtime=0), _TYPES[ending])

    def register(self, app: Flask) -> None:
        """Add the route of the files to an application, and `static_url` to its templates."""
        app.add_url_rule("/static/<name>", "static_file", self.respond)
        app.jinja_env.globals["static_url"] = lambda name: url_for("static_file", name=self._named[name])

    def respond(self, name: str) -> Response:
        found = self._files.get(name)
        if found is None:
            abort(HTTPStatus.NOT_FOUND)
        compressed = bool(request.accept_encodings["gzip"])
        response = Response(found.compressed if compressed else found.content, mimetype=found.content_type)
        response.headers["Cache-Control"] = FOR_EVER
        response.headers["Vary"] = "Accept-Encoding"
        if compressed:
            response.headers["Content-Encoding"] = "gzip"
        return response


def _is_served(file: Traversable) -> bool:
    """Whether a file of the folder is served by itself, and not as a part of console.css."""
    return file.is_file() and file.name.rpartition(".")[2] in _TYPES and file.name not in STYLES
