"""An examination and the decorator that makes one of a function."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ivr.doctor.result import Result
from ivr.doctor.surroundings import Surroundings

Run = Callable[[Surroundings], Iterator[Result]]
"""Yields one result for each thing that is wrong, and nothing where all is well."""


@dataclass(frozen=True, slots=True)
class Examination:
    """One examination of the doctor."""

    code: str
    """Names it in the output of `ivr doctor`, and in the `needs` of others."""
    run: Run
    needs: tuple[str, ...] = ()
    """Codes of examinations that must have found no error. Otherwise this one would report the same cause."""


def examination(code: str, *, needs: tuple[str, ...] = ()) -> Callable[[Run], Examination]:
    """Turn a function into an Examination, which `ivr.doctor.ALL` finds in the function's module."""

    def decorate(run: Run) -> Examination:
        return Examination(code, run, needs)

    return decorate
