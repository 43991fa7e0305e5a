"""Lists of a YAML text, with elements removed, added, or in another order.

In a list of lines with dashes, an element's comments go where it goes: those beside and below it that stand
further to the right, and those directly above it (but above the first one, they are about the whole list).
Other lines between two elements stay where they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ruamel.yaml.nodes import Node, SequenceNode

from ivr.config.editing.layout import Layout, Splice, is_block, quote_of, spliced
from ivr.config.editing.scalars import scalar


@dataclass(frozen=True, slots=True)
class Place:
    """An element of the new list."""

    origin: int | None
    """Index of the old element; None for a new one."""
    text: str | None = None
    """Of a new element, or of one that is replaced. It may have several lines, without their indentation."""


def arranged(layout: Layout, node: SequenceNode, places: Sequence[Place]) -> list[Splice]:
    """Return the splices for a list that is not empty and does not become empty."""
    replaced = [
        Splice(old.start_mark.index, layout.end_of(old), each.text)
        for each in places
        if each.origin is not None and each.text is not None
        for old in [node.value[each.origin]]
    ]
    if [each.origin for each in places] == list(range(len(node.value))):
        return replaced
    return [_block(layout, node, places) if is_block(node) else _inline(layout, node, places)]


def columns_of(node: SequenceNode) -> tuple[int, int]:
    """Return the columns of the dashes and of what follows them."""
    dash = node.start_mark.column
    first = node.value[0]
    return dash, first.start_mark.column if first.start_mark.column > dash else dash + 2


def block_item(text: str, dash: int, content: int, ending: str) -> str:
    """Return the lines of an element."""
    first, *more = text.split("\n")
    lines = [
        f"{' ' * dash}-{' ' * (content - dash - 1)}{first}",
        *(f"{' ' * content}{each}" for each in more),
    ]
    return "".join(f"{line}{ending}" for line in lines)


def scalars(node: SequenceNode, texts: Sequence[str], pairs: Sequence[int | None]) -> list[Place]:
    """Return the places of a list of texts. `pairs`: for each the index of the old one, or None."""
    places = []
    for text, origin in zip(texts, pairs, strict=True):
        old = None if origin is None else node.value[origin]
        if old is not None and str(old.value).strip() == text.strip():
            places.append(Place(origin))
        else:
            quote = quote_of(old if old is not None else node.value[0])
            places.append(Place(origin, scalar(text, quote, inline=bool(node.flow_style))))
    return places


def _inline(layout: Layout, node: SequenceNode, places: Sequence[Place]) -> Splice:
    """A list between brackets: what stands between two elements stays as far as it fits."""
    spans = [(each.start_mark.index, layout.end_of(each)) for each in node.value]
    gaps = [layout.body[one[1] : other[0]] for one, other in pairwise(spans)]
    kept = {each.origin for each in places}
    for place in reversed([each for each in range(len(spans)) if each not in kept]):
        if gaps:
            gaps.pop(min(place, len(gaps) - 1))
    text = ""
    for count, each in enumerate(places):
        if count:
            text += gaps[count - 1] if count <= len(gaps) else ", "
        if each.text is not None or each.origin is None:
            text += each.text or ""
        else:
            text += layout.body[slice(*spans[each.origin])]
    return Splice(spans[0][0], spans[-1][1], text)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The lines of one element, and the lines between it and the one before."""

    start: int
    end: int
    between: str


def _block(layout: Layout, node: SequenceNode, places: Sequence[Place]) -> Splice:
    chunks = _chunks(layout, node)
    kept = {each.origin for each in places}
    between = [each.between for each in chunks]
    for place in reversed([each for each in range(len(chunks)) if each not in kept]):
        _leave_out(between, place)
    usual = next((each for each in between[1:]), "")
    lines = []
    for count, each in enumerate(places):
        if count < len(between):
            lines.append(between[count])
        else:
            lines.append(usual if not usual.strip() else "")
        lines.append(_lines(layout, node, chunks, each))
    lines += between[len(places) :]
    region = Splice(chunks[0].start, chunks[-1].end, "")
    text = "".join(lines)
    if region.end == len(layout.body) and not layout.body.endswith(("\n", "\r")):
        text = text.removesuffix(layout.ending)
    return Splice(region.start, region.end, text)


def _leave_out(between: list[str], place: int) -> None:
    """Leave out the lines around an element that is removed, but for those with a comment."""
    lines = between.pop(place)
    if place == 0 and between:
        lines, between[0] = between[0], ""
    if lines.strip():
        if place < len(between):
            between[place] = lines + between[place]
        else:
            between.append(lines)


def _lines(layout: Layout, node: SequenceNode, chunks: Sequence[_Chunk], place: Place) -> str:
    """Return the lines of one element of the new list."""
    if place.origin is None:
        return block_item(place.text or "", *columns_of(node), layout.ending)
    chunk, old = chunks[place.origin], node.value[place.origin]
    lines = layout.body[chunk.start : chunk.end]
    if place.text is not None:
        inside = Splice(old.start_mark.index - chunk.start, layout.end_of(old) - chunk.start, place.text)
        lines = spliced(lines, [inside])
    return lines if lines.endswith(("\n", "\r")) else f"{lines}{layout.ending}"


def _chunks(layout: Layout, node: SequenceNode) -> list[_Chunk]:
    dash = node.start_mark.column
    chunks: list[_Chunk] = []
    for each in node.value:
        line = _dash_line(layout, each, dash)
        end = _with_comments_below(layout, layout.after_line(layout.end_of(each)), dash)
        if not chunks:
            chunks.append(_Chunk(line, end, ""))
            continue
        start = _with_comments_above(layout, line, chunks[-1].end)
        chunks.append(_Chunk(start, end, layout.body[chunks[-1].end : start]))
    return chunks


def _dash_line(layout: Layout, node: Node, dash: int) -> int:
    """Return where the line with an element's dash begins. The element may begin on a later line."""
    at = layout.start_of_line(node.start_mark.index)
    while at and layout.body[at : at + dash + 1] != f"{' ' * dash}-":
        at = layout.start_of_line(at - 1)
    return at


def _with_comments_below(layout: Layout, end: int, dash: int) -> int:
    """Return the end of the comments below an element that stand further right than its dash."""
    while True:
        after = layout.after_line(end)
        line = layout.body[end:after]
        if not (line.lstrip(" ").startswith("#") and len(line) - len(line.lstrip(" ")) > dash):
            return end
        end = after


def _with_comments_above(layout: Layout, start: int, least: int) -> int:
    """Return where the comments directly above an element begin."""
    while start > least:
        above = layout.start_of_line(start - 1)
        if above < least or not layout.body[above:start].lstrip().startswith("#"):
            return start
        start = above
    return start
