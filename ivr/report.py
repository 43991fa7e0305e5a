"""What was counted, for people to read: per municipality and month; what is anonymous by month alone."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO, StringIO
from typing import Final

from ivr.counted import Outcome
from ivr.store.counts import Counted

COLUMNS: Final = ("month", "municipality", "item", "outcome", "times")
ENDINGS: Final = tuple(outcome for outcome in Outcome if outcome is not Outcome.USED)
"""How a forwarding can end."""
_COLOURS: Final = {
    Outcome.TALKED: "#009E73",
    Outcome.NEXT: "#F0E442",
    Outcome.UNREACHED: "#D55E00",
    Outcome.UNCLEAR: "#999999",
    Outcome.NOBODY: "#0072B2",
}
"""The colours of Okabe and Ito, which nearly all people can tell apart (https://jfly.uni-koeln.de/color/)."""


@dataclass(frozen=True, slots=True)
class Group:
    """One municipality in one month, or all of them together for what is anonymous."""

    month: date
    municipality: str | None
    """None: all together, anonymous."""
    items: dict[str, dict[Outcome, int]] = field(default_factory=lambda: defaultdict(dict))
    """Item → outcome → times; what is anonymous has one item without a name."""


def groups(counted: Iterable[Counted]) -> list[Group]:
    """Put counts together, month by month, municipalities by name and what is anonymous last."""
    found: dict[tuple[date, bool, str], Group] = {}
    for each in counted:
        key = (each.month, each.municipality is None, each.municipality or "")
        group = found.setdefault(key, Group(each.month, each.municipality))
        group.items[each.item or ""][each.outcome] = each.times
    return [found[key] for key in sorted(found)]


def table(group: Group, heads: Mapping[Outcome, str], anonymous: str) -> Iterator[str]:
    """One group as lines of a table, its most used items first."""
    names = sorted(group.items, key=lambda name: (-group.items[name].get(Outcome.USED, 0), name))
    width = max(len(anonymous), *map(len, names))
    yield " " * width + "".join(f"  {head}" for head in heads.values())
    for name in names:
        times = group.items[name]
        cells = (f"  {times.get(outcome) or '·':>{len(head)}}" for outcome, head in heads.items())
        yield f"{name or anonymous:<{width}}" + "".join(cells)


def as_csv(counted: Iterable[Counted]) -> str:
    """All counts for a spreadsheet; what is anonymous has no municipality and no item."""
    # Words of the configuration are small letters, digits and hyphens: none starts a formula.
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for each in counted:
        month = f"{each.month:%Y-%m}"
        rows.writerow((month, each.municipality or "", each.item or "", each.outcome.value, each.times))
    return text.getvalue()


@dataclass(frozen=True, slots=True)
class Labels:
    """What stands in the picture."""

    title: str
    used: str
    ended: str
    anonymous: str
    outcomes: Mapping[Outcome, str]
    municipalities: Mapping[str, str]
    """Word → name; a word without one stands for itself."""


def picture(counted: Iterable[Counted], labels: Labels) -> bytes:
    """Draw how often items were used, and how forwardings ended per municipality, as SVG."""
    # Only here: it takes half a second to load, and needs no screen this way.
    from matplotlib import rc_context  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    used, ended = _sums(counted, labels)
    rows = len(used) + len(ended)
    # The same counts make the same file, byte for byte; text stays text.
    with rc_context({"svg.hashsalt": "balielijn", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(9, 2.4 + 0.32 * rows), layout="constrained")
        figure.suptitle(labels.title)
        above, below = figure.subplots(2, 1, height_ratios=(len(used) + 1, len(ended) + 1))
        above.barh(list(used), list(used.values()), color="#56B4E9")
        above.bar_label(above.containers[0], padding=3)
        above.set_title(labels.used, loc="left")
        before = [0] * len(ended)
        for outcome in ENDINGS:
            times = [row.get(outcome, 0) for row in ended.values()]
            below.barh(
                list(ended), times, left=before, color=_COLOURS[outcome], label=labels.outcomes[outcome]
            )
            before = [sum(pair) for pair in zip(before, times, strict=True)]
        below.set_title(labels.ended, loc="left")
        figure.legend(loc="outside lower center", ncols=len(ENDINGS), frameon=False)
        for axes in (above, below):
            axes.invert_yaxis()
            axes.spines[["top", "right"]].set_visible(False)
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.margins(x=0.08)
        drawn = BytesIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Title": labels.title})
    return drawn.getvalue()


def _sums(counted: Iterable[Counted], labels: Labels) -> tuple[dict[str, int], dict[str, dict[Outcome, int]]]:
    """Item → times used, the most used first; municipality → ending → times."""
    used: dict[str, int] = defaultdict(int)
    ended: dict[str, dict[Outcome, int]] = defaultdict(lambda: defaultdict(int))
    for each in counted:
        name = labels.anonymous
        if each.municipality is not None:
            name = labels.municipalities.get(each.municipality, each.municipality)
        if each.outcome is Outcome.USED:
            used[each.item or labels.anonymous] += each.times
        else:
            ended[name][each.outcome] += each.times
    return dict(sorted(used.items(), key=lambda pair: (-pair[1], pair[0]))), ended
