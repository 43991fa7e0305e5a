"""Where each prompt stands in the menu."""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.dialogue.prompts import OWN, spoken_as
from ivr.model.line import Line


@dataclass(frozen=True, slots=True)
class Group:
    """The prompts of one place, each in the first place that has it."""

    item: str
    """Name of the item; empty for the prompts that the line itself needs."""
    prompts: tuple[str, ...]


def items_of(line: Line) -> Mapping[str, tuple[str, ...]]:
    """Return prompt → names of the items in which it is said, in the order of the menu."""
    found: dict[str, dict[str, None]] = {}
    for name, item in line.menu.items.items():
        said = [*item.say, *item.back]
        for choice in (item.keys or {}).values():
            said += [choice.say, *choice.after]
        for prompt in (each for one in said for each in spoken_as(one)):
            found.setdefault(prompt, {})[name] = None
    return {prompt: tuple(items) for prompt, items in found.items()}


def groups(line: Line) -> list[Group]:
    """Return all prompts by the item in which they are said first. Those of the line itself come last."""
    places, known = items_of(line), next(iter(line.prompts.values()))
    by_item: dict[str, list[str]] = {name: [] for name in line.menu.items}
    for prompt, items in places.items():
        if prompt in known and prompt not in OWN:
            by_item[items[0]].append(prompt)
    rest = [prompt for prompt in known if prompt in OWN or prompt not in places]
    found = [Group(name, tuple(prompts)) for name, prompts in by_item.items() if prompts]
    return [*found, Group("", tuple(rest))]
