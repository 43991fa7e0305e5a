"""The counts as a picture: for each municipality how often its items were used and how forwardings ended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from textwrap import wrap
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from ivr import translations
from ivr.dialogue.usage import Outcome
from ivr.report.months import Items, Month, total

_ENDINGS: Final = {
    # Palette of Okabe and Ito, which colour-blind people can tell apart (https://jfly.uni-koeln.de/color/).
    Outcome.TALKED: "#0072B2",
    Outcome.NEXT: "#56B4E9",
    Outcome.UNREACHED: "#D55E00",
    Outcome.UNCLEAR: "#999999",
    Outcome.NOBODY: "#F0E442",
}
_LOOK: Final[dict[Any, Any]] = {
    "font.size": 8,
    "font.sans-serif": [
        "DejaVu Sans"
    ],  # part of matplotlib, so that text has the same width on every machine
    "text.parse_math": False,  # a $ in a name must not start a formula
    "svg.fonttype": "none",  # text as text elements, for search, copying and screen readers
    "svg.hashsalt": "balielijn",  # fixed ids, so that the same counts give the same file
}
# Sizes in inches.
_EDGE: Final = 0.3
"""Margin of the picture."""
_CELL: Final = 0.56
"""Width of a month in a panel."""
_ROW: Final = 0.2
"""Height of an item in a panel."""
_LINE: Final = 0.22
"""Height of a line of text."""
_LETTER: Final = 0.075
"""Approximate width of a letter."""
_BOLD: Final = 0.105
"""Approximate width of a bold letter in a title."""
_LEAST: Final = 3.2, 0.8
"""Width and height of a panel, at least."""
_BETWEEN: Final = 0.6
"""Space between two panels."""
_BELOW: Final = 0.55
"""Height of the labels below a panel."""

_DARK: Final = 0.6
"""Above this shade (0 to 1), the number in a cell is white."""


@dataclass(frozen=True, slots=True)
class Block:
    """One municipality, or all anonymous destinations: two panels, with the months from left to right."""

    title: str
    months: Sequence[Items]

    @property
    def items(self) -> list[str]:
        """The names of all items in reverse order, because matplotlib draws from bottom to top."""
        return sorted({item for each in self.months for item in each}, reverse=True)


def draw(months: Sequence[Month], names: Mapping[str, str], language: str) -> bytes:
    """Return an SVG picture. `months`: the earliest first. `names`: slug → name; else the slug is shown."""
    title = translations.say("report-title", language)
    if months:
        title = f"{title}, {' / '.join(dict.fromkeys(str(m) for m in (months[0], months[-1])))}"
    picture = BytesIO()
    with rc_context(_LOOK):
        figure = _figure(list(_blocks(_each(months), names, language)), _each(months), title, language)
        metadata = {"Title": title, "Language": language, "Creator": None, "Date": None}
        figure.savefig(picture, format="svg", metadata=metadata)
    return picture.getvalue()


def _each(months: Sequence[Month]) -> list[Month]:
    """Return each month from the first to the last, also those without counts."""
    if not months:
        return []
    known = {month.first: month for month in months}
    first, last = (m.first.year * 12 + m.first.month - 1 for m in (months[0], months[-1]))
    days = [date(number // 12, number % 12 + 1, 1) for number in range(first, last + 1)]
    return [known.get(day, Month(day)) for day in days]


def _blocks(months: Sequence[Month], names: Mapping[str, str], language: str) -> Iterator[Block]:
    slugs = {slug for month in months for slug in month.municipalities}
    for slug in sorted(slugs, key=lambda slug: (names.get(slug, slug), slug)):
        yield Block(names.get(slug, slug), [month.municipalities.get(slug, {}) for month in months])
    if any(month.anonymous for month in months):
        item = translations.say("report-anonymous-item", language)
        together = [{item: month.anonymous} if month.anonymous else {} for month in months]
        yield Block(translations.say("report-anonymous", language), together)


def _figure(blocks: Sequence[Block], months: Sequence[Month], title: str, language: str) -> Figure:
    margin = _EDGE + _LETTER * max((len(item) for block in blocks for item in block.items), default=0)
    panel_width = max(_LEAST[0], _CELL * len(months))
    width = margin + panel_width + _BETWEEN + panel_width + _EDGE
    letters = int((width - 2 * _EDGE) / _BOLD)
    titles = [wrap(block.title, letters) for block in blocks]
    heights = [max(_LEAST[1], _ROW * len(block.items)) for block in blocks]
    top = _EDGE + 4 * _LINE
    spare = [_LINE * (len(lines) + 1) + _BELOW for lines in titles]
    figure = Figure(figsize=(width, top + sum(heights) + sum(spare) + _EDGE))
    _head(figure, title, language, empty=not blocks)
    most = max((t[Outcome.USED] for b in blocks for each in b.months for t in each.values()), default=1)
    for block, lines, height, more in zip(blocks, titles, heights, spare, strict=True):
        _write(figure, _EDGE, top, "\n".join(lines), weight="bold", fontsize=10)
        below = top + _LINE * (len(lines) + 1) + height
        lefts = (margin, margin + panel_width + _BETWEEN)
        left, right = (_panel(figure, x, below, panel_width, height) for x in lefts)
        _draw_used(left, block, max(most, 1), language)
        _draw_endings(right, block, language)
        for panel in (left, right):
            panel.set_xticks(range(len(months)), [str(month) for month in months])
            panel.set_xlim(-0.5, len(months) - 0.5)
        top += height + more
    return figure


def _panel(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Add a panel. `left`: inches from the left of the figure. `bottom`: of its lower edge, from the top."""
    all_width, all_height = figure.get_size_inches()
    place = (left / all_width, 1 - bottom / all_height, width / all_width, height / all_height)
    panel = figure.add_axes(place)
    panel.tick_params(length=0)
    panel.spines[["top", "right"]].set_visible(False)
    return panel


def _write(figure: Figure, left: float, top: float, text: str, **look: Any) -> None:
    """Write text whose upper left corner is `left` and `top` inches from that of the figure."""
    width, height = figure.get_size_inches()
    figure.text(left / width, 1 - top / height, text, va="top", **look)


def _head(figure: Figure, title: str, language: str, *, empty: bool) -> None:
    _write(figure, _EDGE, _EDGE, title, fontsize=12, weight="bold")
    if empty:
        _write(figure, _EDGE, _EDGE + 2 * _LINE, translations.say("report-nothing", language))
        return
    width, height = figure.get_size_inches()
    keys = [
        Patch(facecolor=colour, edgecolor="#444444", linewidth=0.5, label=_name(outcome, language))
        for outcome, colour in _ENDINGS.items()
    ]
    place = (_EDGE / width, 1 - (_EDGE + 1.4 * _LINE) / height)
    figure.legend(
        handles=keys,
        loc="upper left",
        bbox_to_anchor=place,
        ncols=3,
        frameon=False,
        borderpad=0,
        borderaxespad=0,
    )


def _name(outcome: Outcome, language: str) -> str:
    return translations.say(f"outcome-{outcome.value}", language)


def _draw_used(panel: Axes, block: Block, most: int, language: str) -> None:
    """Draw a cell for each item and month, with the count in it; a higher count is darker."""
    used = [
        [each[item][Outcome.USED] if item in each else 0 for each in block.months] for item in block.items
    ]
    across = [month - 0.5 for month in range(len(block.months) + 1)]
    up = [row - 0.5 for row in range(len(block.items) + 1)]
    shade = PowerNorm(0.5, 0, most)
    panel.pcolormesh(across, up, used, norm=shade, cmap="Blues", edgecolors="white", linewidth=1)
    for row, cells in enumerate(used):
        for month, times in enumerate(cells):
            if times:
                colour = "white" if shade(times) > _DARK else "black"
                panel.text(month, row, str(times), ha="center", va="center", color=colour)
    panel.set_yticks(range(len(block.items)), block.items)
    panel.set_title(_name(Outcome.USED, language), loc="left", fontsize=8)


def _draw_endings(panel: Axes, block: Block, language: str) -> None:
    """Draw a stacked bar for each month: how its forwardings ended."""
    totals = [total(each) for each in block.months]
    below = [0] * len(totals)
    for outcome, colour in _ENDINGS.items():
        heights = [times[outcome] for times in totals]
        panel.bar(
            range(len(totals)),
            heights,
            bottom=below,
            width=0.7,
            color=colour,
            edgecolor="#444444",
            linewidth=0.5,
        )
        below = [low + high for low, high in zip(below, heights, strict=True)]
    panel.set_ylim(0, max(*below, 1) * 1.1)
    panel.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    panel.set_title(translations.say("report-endings", language), loc="left", fontsize=8)
