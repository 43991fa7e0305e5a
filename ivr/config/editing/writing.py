"""Writes the values of a form into the text of a municipality's file."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml.nodes import MappingNode, SequenceNode

from ivr.config import source
from ivr.config.editing.entries import (
    CONTACT,
    CONTACTS,
    SETTINGS,
    ContactEntry,
    Entries,
    Value,
    parsed,
    same,
    value_of,
)
from ivr.config.editing.layout import Layout, Setting, Splice, Unwritable, is_block, quote_of, spliced
from ivr.config.editing.scalars import scalar, sequence
from ivr.config.editing.sequences import Place, arranged, block_item, scalars

_BOM = "\ufeff"
_ORDER = ("name", "example", "dialled", "caller_id", "callers", CONTACTS, "closed", "mail", "approve")
"""Order in which settings of a municipality are added."""


def edited(text: str, entries: Entries) -> str:
    """Return the text of a file with other values. Raises Unwritable.

    The result is parsed: it has exactly the values that were given, and all others as they were.
    """
    content = parsed(text)
    mark = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    if not isinstance(content, dict) or _has_alias(body):
        raise Unwritable
    body = _with_settings(body, content, entries)
    body = _with_contacts(body, content, entries)
    if _bare(parsed(body)) != _bare(_expected(content, entries)):
        raise Unwritable
    return mark + body


def _has_alias(body: str) -> bool:
    return any(finding.code == "yaml-alias" for finding in source.parse(body, "").findings)


def _with_settings(body: str, content: Mapping[str, Any], entries: Entries) -> str:
    """Change the settings of the municipality, and those of the contacts that stay."""
    layout = Layout(body)
    splices = _changed(layout, layout.root, content, entries.values, SETTINGS, _ORDER)
    nodes, listed = _contact_nodes(layout), _listed(content)
    for each in entries.contacts:
        if each.origin is not None and isinstance(nodes[each.origin], MappingNode):
            splices += _changed(
                layout, nodes[each.origin], listed[each.origin], each.values, CONTACT, CONTACT
            )
    return spliced(body, splices)


def _changed(  # noqa: PLR0913, PLR0917 - a mapping as nodes and as values, and what becomes of it
    layout: Layout,
    mapping: MappingNode,
    old: Mapping[str, Any],
    new: Mapping[str, Value],
    names: Sequence[str],
    order: Sequence[str],
) -> list[Splice]:
    """Return the splices that give a mapping other values for some settings."""
    settings = layout.settings(mapping)
    splices: list[Splice] = []
    gone = {name for name in names if name in old and not _is_kept(name, old[name], new.get(name))}
    removed = {name for name in gone if same(new.get(name), None)}
    for name in names:
        value = new.get(name)
        if name in removed:
            splices.append(layout.removing(mapping, name))
        elif name in gone and value is not None:
            splices += _value(layout, mapping, settings[name], value)
        elif name not in old and value is not None and not same(value, None):
            after = _before(name, [each for each in settings if each not in removed], order)
            key = settings[after].key
            quote = quote_of(key)
            written = f"{quote}{name}{quote}: {_rendered(value, quote, inline=bool(mapping.flow_style))}"
            splices.append(layout.adding(mapping, settings[after], written))
    return splices


def _is_kept(name: str, old: Any, new: Value | None) -> bool:
    return same(value_of(name, old), new)


def _before(name: str, present: Sequence[str], order: Sequence[str]) -> str:
    """Return the setting after which another one is added. Raises Unwritable where there is none."""
    earlier = [each for each in present if each in order and order.index(each) < order.index(name)]
    if not present:
        raise Unwritable
    return max(earlier, key=order.index) if earlier else present[-1]


def _value(layout: Layout, mapping: MappingNode, setting: Setting, value: Value) -> list[Splice]:
    """Return the splices that replace the value of a setting."""
    node, inline = setting.value, bool(mapping.flow_style)
    if isinstance(value, tuple) and isinstance(node, SequenceNode) and node.value:
        old = [str(each.value) for each in node.value]
        return arranged(layout, node, scalars(node, value, _pairs(old, value)))
    if isinstance(value, Mapping) and isinstance(node, MappingNode):
        inner = layout.settings(node)
        if inner.keys() == value.keys():
            return [
                layout.replacing(inner[each], scalar(text, quote_of(inner[each].value)))
                for each, text in value.items()
                if str(inner[each].value.value).strip() != text.strip()
            ]
    if isinstance(value, tuple) and len(value) == 1 and not isinstance(node, SequenceNode):
        value = value[0]
    return [layout.replacing(setting, _rendered(value, quote_of(node), inline=inline))]


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """Return for each new element the index of the old one that it is, or that it replaces; else None."""
    pairs: list[int | None] = []
    for _, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        pairs += [start + offset if start + offset < end else None for offset in range(last - first)]
    return pairs


def _rendered(value: Value, quote: str = "", *, inline: bool) -> str:
    match value:
        case str():
            return scalar(value, quote, inline=inline)
        case tuple():
            return sequence(value, quote)
        case _:
            return "{" + ", ".join(f"{name}: {scalar(text, quote)}" for name, text in value.items()) + "}"


def _with_contacts(body: str, content: Mapping[str, Any], entries: Entries) -> str:
    """Bring the contacts into their order, remove those that are gone, and add the new ones."""
    layout, old = Layout(body), _listed(content)
    if [each.origin for each in entries.contacts] == list(range(len(old))):
        return body
    setting = layout.settings(layout.root).get(CONTACTS)
    flow = bool(layout.root.flow_style)
    if setting and isinstance(setting.value, SequenceNode) and setting.value.value:
        inline = not is_block(setting.value)
        places = [Place(each.origin, _contact(each, inline=inline)) for each in entries.contacts]
        if places:
            return spliced(body, arranged(layout, setting.value, places))
        return spliced(body, [layout.replacing(setting, "[]")])
    if flow:
        text = "[" + ", ".join(_contact(each, inline=True) or "" for each in entries.contacts) + "]"
        if setting:
            return spliced(body, [layout.replacing(setting, text)])
        raise Unwritable
    return _first_contacts(layout, setting, entries.contacts)


def _first_contacts(layout: Layout, setting: Setting | None, contacts: Sequence[ContactEntry]) -> str:
    """Add contacts to a file that has none."""
    lines = "".join(block_item(_contact(each, inline=False) or "", 2, 4, layout.ending) for each in contacts)
    if setting:
        nothing = Splice(layout.after_colon(setting), layout.end(setting), "")
        at = layout.after_line(layout.end(setting))
        ended = at < len(layout.body) or layout.body.endswith(("\n", "\r"))
        return spliced(layout.body, [nothing, Splice(at, at, lines if ended else f"{layout.ending}{lines}")])
    settings = layout.settings(layout.root)
    after = settings[_before(CONTACTS, list(settings), _ORDER)]
    text = f"{CONTACTS}:{layout.ending}{lines}".removesuffix(layout.ending)
    return spliced(layout.body, [layout.adding(layout.root, after, text)])


def _contact(entry: ContactEntry, *, inline: bool) -> str | None:
    """Return the text of a new contact; None of one that stays."""
    if entry.origin is not None:
        return None
    values = [
        f"{name}: {_rendered(entry.values[name], inline=inline)}"
        for name in CONTACT
        if not same(entry.values.get(name), None)
    ] or ['name: ""']
    return "{" + ", ".join(values) + "}" if inline else "\n".join(values)


def _contact_nodes(layout: Layout) -> Sequence[Any]:
    setting = layout.settings(layout.root).get(CONTACTS)
    return setting.value.value if setting and isinstance(setting.value, SequenceNode) else ()


def _listed(content: Mapping[str, Any]) -> Sequence[Any]:
    found = content.get(CONTACTS)
    return found if isinstance(found, list) else ()


def _expected(content: Mapping[str, Any], entries: Entries) -> dict[str, Any]:
    """Return the content that the file must have."""
    expected: dict[str, Any] = _with_values(content, entries.values, SETTINGS)
    old = _listed(content)
    if [each.origin for each in entries.contacts] != list(range(len(old))) or any(
        each.origin is not None for each in entries.contacts
    ):
        expected[CONTACTS] = [
            _with_values(old[each.origin], each.values, CONTACT)
            if each.origin is not None
            else _with_values({}, each.values, CONTACT) or {"name": ""}
            for each in entries.contacts
        ]
    return expected


def _bare(content: Any) -> Any:
    """Return a content without blanks around its texts, which mean nothing."""
    match content:
        case str():
            return content.strip()
        case list():
            return [_bare(each) for each in content]
        case dict():
            return {name: _bare(each) for name, each in content.items()}
        case _:
            return content


def _with_values(content: Any, values: Mapping[str, Value], names: Sequence[str]) -> Any:
    if not isinstance(content, dict):
        return content
    changed = dict(content)
    for name in names:
        if _is_kept(name, content.get(name), values.get(name)):
            continue
        value = values.get(name)
        if value is None or same(value, None):
            changed.pop(name, None)
        else:
            changed[name] = _as_content(value, content.get(name))
    return changed


def _as_content(value: Value, old: Any) -> Any:
    """Return a value as a file has it. A list of one may be written as a text."""
    if not isinstance(value, tuple):
        return value if isinstance(value, str) else dict(value)
    return value[0] if len(value) == 1 and old is not None and not isinstance(old, list) else list(value)
