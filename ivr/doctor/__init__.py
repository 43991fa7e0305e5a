"""What can go wrong before a clerk finds out: one small examination for each.

All are made, whatever one of them finds.
"""

from collections.abc import Iterator
from typing import Final

from ivr.account.client import FAILURES
from ivr.account.troubles import problem
from ivr.doctor import account, installation, public_url
from ivr.doctor.examination import Examination
from ivr.doctor.result import Result, Status
from ivr.doctor.surroundings import Surroundings

__all__ = ["ALL", "Result", "Status", "Surroundings", "examine"]


ALL: Final = tuple(
    each
    for module in (public_url, account, installation)
    for each in vars(module).values()
    if isinstance(each, Examination)
)
"""Every examination, in the order in which they are made: module by module, each from top to bottom."""


def examine(surroundings: Surroundings) -> Iterator[tuple[str, list[Result]]]:
    """Make every examination, in order; its code, and what it found."""
    lost: dict[str, str] = {}
    for each in ALL:
        because = next((lost[need] for need in each.needs if need in lost), None)
        results = [not_examined(each.code, because)] if because else _made(each, surroundings)
        if any(result.status in (Status.ERROR, Status.NOT_EXAMINED) for result in results):
            lost[each.code] = because or each.code
        yield each.code, results


def not_examined(code: str, because: str) -> Result:
    return Result(code, Status.NOT_EXAMINED, {"because": because})


def _made(examination: Examination, surroundings: Surroundings) -> list[Result]:
    try:
        return list(examination.run(surroundings)) or [Result(examination.code, Status.OK)]
    except FAILURES as error:
        found = problem(error)
        return [Result(found.code, Status.ERROR, found.values)]
    except Exception as error:  # noqa: BLE001 - one examination that fails never stops the others
        values = {"examination": examination.code, "why": type(error).__name__}
        return [Result("examination-broken", Status.ERROR, values)]
