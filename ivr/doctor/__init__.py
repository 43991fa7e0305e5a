"""What can go wrong before a clerk finds out: one small examination for each.

All are made, whatever one of them finds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from ivr.account.client import FAILURES
from ivr.account.troubles import problem
from ivr.doctor import account, address, house
from ivr.doctor.result import Level, Result
from ivr.doctor.surroundings import Surroundings

__all__ = ["ALL", "Level", "Result", "Surroundings", "examine"]


@dataclass(frozen=True, slots=True)
class Examination:
    """Yields what is wrong; nothing where all is well."""

    code: str
    run: Callable[[Surroundings], Iterator[Result]]
    needs: tuple[str, ...] = ()
    """Examinations that must have found no error, or this one would only tell the same again."""


ALL: Final = (
    Examination("public-url", address.public_address_is_set),
    Examination("address", address.address_is_reached, ("public-url",)),
    Examination("certificate", address.certificate_lasts, ("address",)),
    Examination("signature", address.signed_request_is_let_in, ("certificate",)),
    Examination("door", address.unsigned_request_is_kept_out, ("certificate",)),
    Examination("account", account.account_opens),
    Examination("clock", account.clocks_agree, ("account",)),
    Examination("webhooks", account.webhooks_are_in_place, ("account", "public-url")),
    Examination("caller-id", account.caller_ids_are_owned, ("account",)),
    Examination("dialling", account.dutch_numbers_may_be_dialled, ("account",)),
    Examination("dialling-special", account.special_numbers_may_be_dialled, ("dialling",)),
    Examination("audio", house.speech_is_up_to_date),
    Examination("contacts", house.contacts_were_confirmed),
    Examination("disk", house.disks_have_room),
    Examination("database", house.database_is_reached),
)


def examine(surroundings: Surroundings) -> Iterator[tuple[str, list[Result]]]:
    """Make every examination, in order; its code, and what it found."""
    lost: dict[str, str] = {}
    for each in ALL:
        because = next((lost[need] for need in each.needs if need in lost), None)
        results = [not_examined(each.code, because)] if because else _made(each, surroundings)
        if any(result.level in (Level.ERROR, Level.UNKNOWN) for result in results):
            lost[each.code] = because or each.code
        yield each.code, results


def not_examined(code: str, because: str) -> Result:
    return Result(code, Level.UNKNOWN, {"because": because})


def _made(examination: Examination, surroundings: Surroundings) -> list[Result]:
    try:
        return list(examination.run(surroundings)) or [Result(examination.code, Level.OK)]
    except FAILURES as error:
        found = problem(error)
        return [Result(found.code, Level.ERROR, found.values)]
    except Exception as error:  # noqa: BLE001 - one examination that fails never stops the others
        values = {"examination": examination.code, "why": type(error).__name__}
        return [Result("examination-broken", Level.ERROR, values)]
