"""`ivr doctor`: examinations of the account, the public URL and the installation.

An error in one examination stops only those that need it.
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
"""Every examination in the order in which they run: module by module, in each from top to bottom."""


def examine(surroundings: Surroundings) -> Iterator[tuple[str, list[Result]]]:
    """Run every examination in order; yield its code and its results, at least one.

    Where a needed examination found an error, the only result is NOT_EXAMINED.
    """
    # Code of an examination that has an error or is not examined → code of the one with the first error.
    causes: dict[str, str] = {}
    for each in ALL:
        because = next((causes[need] for need in each.needs if need in causes), None)
        results = [_not_examined(each.code, because)] if because else _run(each, surroundings)
        if any(result.status in (Status.ERROR, Status.NOT_EXAMINED) for result in results):
            causes[each.code] = because or each.code
        yield each.code, results


def _not_examined(code: str, because: str) -> Result:
    return Result(code, Status.NOT_EXAMINED, {"because": because})


def _run(examination: Examination, surroundings: Surroundings) -> list[Result]:
    try:
        return list(examination.run(surroundings)) or [Result(examination.code, Status.OK)]
    except FAILURES as error:
        found = problem(error)
        return [Result(found.code, Status.ERROR, found.values)]
    except Exception as error:  # noqa: BLE001 - an examination that breaks must not stop the others
        values = {"examination": examination.code, "why": type(error).__name__}
        return [Result("examination-broken", Status.ERROR, values)]
