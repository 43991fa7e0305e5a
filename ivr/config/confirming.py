"""Writes the day on which a contact's number was confirmed into the municipality's file.

No other byte of the file changes: comments, order, quotes and line endings stay.
ruamel.yaml only finds the position, because writing the file with it would change the layout.
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
from ivr.model.spelling import visible

_BOM: Final = "\ufeff"
_LINE_ENDING: Final = re.compile(r"\r\n|\n|\r")


class Unwritten(Exception):
    """The day was not written: the file changed meanwhile, or its layout does not allow it safely."""


def confirm(path: Path, number: str, day: date) -> None:
    """Write `confirmed: <day>` to the contact with this number (as `numbers.read_endpoint` returns it).

    Before the new file replaces the old one, it is read: its values must be the same but for this day.
    Raises Unwritten and OSError; the file is then unchanged.
    """
    before = reading.read(path, FILE_BYTES)
    try:
        text = before.decode("utf-8")
    except UnicodeDecodeError:
        raise Unwritten from None
    after = with_day(text, number, day).encode()

    def verify(unfinished: Path) -> None:
        # An editor may have saved the file meanwhile.
        if (
            _municipality(unfinished) != _expected(path, number, day)
            or reading.read(path, FILE_BYTES) != before
        ):
            raise Unwritten

    write_whole(path, after, like=path, verify=verify)


def with_day(text: str, number: str, day: date) -> str:
    """Return the text of a municipality's file with the day in it. Raises Unwritten."""
    mark = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    contact = _contact(body, number)
    settings = _settings(contact)
    if "confirmed" in settings:
        return mark + _replaced(body, settings["confirmed"][1], str(day))
    return mark + _added(body, contact, *settings["number"], str(day))


def _contact(body: str, number: str) -> MappingNode:
    """Return the node of the contact with this number. Raises Unwritten where there is none."""
    try:
        root = YAML().compose(body)
    except YAMLError:
        raise Unwritten from None
    _, contacts = _settings(root).get("contacts", (None, None))
    for contact in contacts.value if isinstance(contacts, SequenceNode) else ():
        if not isinstance(contact, MappingNode):
            continue
        settings = _settings(contact)
        if "number" in settings and _endpoint(settings["number"][1]) == number:
            return contact
    raise Unwritten


def _settings(node: Node | None) -> dict[str, tuple[Node, Node]]:
    """Return the settings of a mapping: name → nodes of its key and its value. Empty for any other node."""
    pairs = node.value if isinstance(node, MappingNode) else ()
    return {key.value: (key, value) for key, value in pairs if isinstance(key, ScalarNode)}


def _endpoint(node: Node) -> str | None:
    """Return the number (E.164) or SIP URI in a scalar; None where it holds neither."""
    try:
        return read_endpoint(visible(str(node.value)))
    except ValueError:
        return None


def _replaced(body: str, value: Node, day: str) -> str:
    """Return the text with the day instead of a value, in the same quotes."""
    start, end = value.start_mark.index, value.end_mark.index
    old = body[start:end]
    blank = old[len(old.rstrip()) :]  # the range of a block scalar includes its line ending
    quote = _quote(value)
    return f"{body[:start]}{quote}{day}{quote}{blank}{body[end:]}"


def _added(body: str, contact: MappingNode, key: Node, value: Node, day: str) -> str:
    """Return the text with `confirmed` after `number`: on a new line, or inline in a flow mapping."""
    end = value.end_mark.index
    if contact.flow_style:
        quote = _quote(key)
        return f"{body[:end]}, {quote}confirmed{quote}: {quote}{day}{quote}{body[end:]}"
    ending = (_LINE_ENDING.search(body) or ["\n"])[0]
    line = f"{' ' * key.start_mark.column}confirmed: {day}"
    if body[end - 1] in "\r\n":  # a block scalar ends after its line ending
        return f"{body[:end]}{line}{ending}{body[end:]}"
    found = _LINE_ENDING.search(body, end)
    at = found.start() if found else len(body)
    return f"{body[:at]}{ending}{line}{body[at:]}"


def _quote(node: Node) -> str:
    """Return the quote character around a scalar; empty where there is none."""
    style = node.style if isinstance(node, ScalarNode) else None
    return style if style in {"'", '"'} else ""


def _municipality(path: Path) -> Municipality:
    """Read a municipality's file. Raises Unwritten where there is a finding."""
    read = source.read(path, path.name)
    municipality, findings = shapes.read(read, Municipality)
    if municipality is None or findings or read.findings:
        raise Unwritten
    return municipality


def _expected(path: Path, number: str, day: date) -> Municipality:
    """Return the municipality of the old file, with the day at each contact with this number."""
    municipality = _municipality(path)
    contacts: Iterator[Any] = (
        each.model_copy(update={"confirmed": day}) if each.number == number else each
        for each in municipality.contacts
    )
    return municipality.model_copy(update={"contacts": tuple(contacts)})
