"""Writing the day on which a contact's number was confirmed into the municipality's file.

That one place changes and no other byte: comments, order, quotes and line endings stay as people wrote them.
ruamel.yaml finds the place; a round trip through it would lay the file out anew.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ivr.config import shapes, source
from ivr.disk import reading
from ivr.disk.writing import write_whole
from ivr.model.limits import FILE_BYTES
from ivr.model.municipality import Municipality
from ivr.model.numbers import read_endpoint

_BOM: Final = "\ufeff"
_ENDING: Final = re.compile(r"\r\n|\n|\r")


class Unwritten(Exception):
    """The file is not what it was, or is laid out so that the day cannot be written without risk."""


def confirm(path: Path, number: str, day: date) -> None:
    """Write `confirmed: <day>` at the contact with this number (as `numbers.read_address` gives it).

    The new file is read again, and must say the same as the old one but for this day, before it takes the
    old one's place. Raises Unwritten and OSError.
    """
    before = reading.read(path, FILE_BYTES)
    try:
        text = before.decode("utf-8")
    except UnicodeDecodeError:
        raise Unwritten from None
    after = with_day(text, number, day).encode()

    def verify(unfinished: Path) -> None:
        # Somebody may have saved the file meanwhile.
        if _says(unfinished) != _expected(path, number, day) or reading.read(path, FILE_BYTES) != before:
            raise Unwritten

    write_whole(path, after, like=path, verify=verify)


def with_day(text: str, number: str, day: date) -> str:
    """The text of a municipality's file with the day in it. Raises Unwritten."""
    mark = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    contact = _contact(body, number)
    settings = _settings(contact)
    if "confirmed" in settings:
        return mark + _replaced(body, settings["confirmed"][1], str(day))
    return mark + _added(body, contact, *settings["number"], str(day))


def _contact(body: str, number: str) -> MappingNode:
    """Where the contact with this number stands."""
    try:
        root = YAML().compose(body)
    except YAMLError:
        raise Unwritten from None
    _, contacts = _settings(root).get("contacts", (None, None))
    for contact in contacts.value if isinstance(contacts, SequenceNode) else ():
        if not isinstance(contact, MappingNode):
            continue
        settings = _settings(contact)
        if "number" in settings and _reads(settings["number"][1]) == number:
            return contact
    raise Unwritten


def _settings(node: Node | None) -> dict[str, tuple[Node, Node]]:
    """The settings of a part of the file: name → where its key and its value stand."""
    pairs = node.value if isinstance(node, MappingNode) else ()
    return {key.value: (key, value) for key, value in pairs if isinstance(key, ScalarNode)}


def _reads(node: Node) -> str | None:
    try:
        return read_endpoint(str(node.value))
    except ValueError:
        return None


def _replaced(body: str, value: Node, day: str) -> str:
    """Write a day in the place of a value, in the quotes that it has."""
    start, end = value.start_mark.index, value.end_mark.index
    old = body[start:end]
    blank = old[len(old.rstrip()) :]  # a block's line ending is part of it
    quote = _quote(value)
    return f"{body[:start]}{quote}{day}{quote}{blank}{body[end:]}"


def _added(body: str, contact: MappingNode, key: Node, value: Node, day: str) -> str:
    """Write the setting behind `number`: in a flow mapping there, else on a line of its own."""
    end = value.end_mark.index
    if contact.flow_style:
        quote = _quote(key)
        return f"{body[:end]}, {quote}confirmed{quote}: {quote}{day}{quote}{body[end:]}"
    ending = (_ENDING.search(body) or ["\n"])[0]
    line = f"{' ' * key.start_mark.column}confirmed: {day}"
    if body[end - 1] in "\r\n":  # behind a block
        return f"{body[:end]}{line}{ending}{body[end:]}"
    found = _ENDING.search(body, end)
    at = found.start() if found else len(body)
    return f"{body[:at]}{ending}{line}{body[at:]}"


def _quote(node: Node) -> str:
    style = node.style if isinstance(node, ScalarNode) else None
    return style if style in {"'", '"'} else ""


def _says(path: Path) -> Municipality:
    """What a file says. Raises Unwritten where it cannot be read without a finding."""
    read = source.read(path, path.name)
    municipality, findings = shapes.read(read, Municipality)
    if municipality is None or findings or read.findings:
        raise Unwritten
    return municipality


def _expected(path: Path, number: str, day: date) -> Municipality:
    municipality = _says(path)
    contacts: Iterator[Any] = (
        each.model_copy(update={"confirmed": day}) if each.number == number else each
        for each in municipality.contacts
    )
    return municipality.model_copy(update={"contacts": tuple(contacts)})
