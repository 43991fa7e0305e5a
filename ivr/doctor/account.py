"""Examinations of the Twilio account: credentials, clock, webhooks, caller IDs and dialling permissions."""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Final

from ivr.account.owned import verified
from ivr.account.plan import PlanEntry, plan
from ivr.doctor.examination import examination
from ivr.doctor.result import Result, Status
from ivr.doctor.surroundings import Surroundings
from ivr.model import numbers
from ivr.model.limits import CLOCK_ERROR_SECONDS, CLOCK_WARNING_SECONDS

COUNTRY: Final = "NL"
"""The country whose numbers the line must be allowed to dial (ISO 3166-1)."""
_ESSENTIAL: Final = frozenset({"voice_url", "voice_method"})
"""Settings of a number or SIP domain without which no call reaches the line."""


@examination("account")
def account_opens(surroundings: Surroundings) -> Iterator[Result]:
    """The credentials are set, and Twilio accepts them."""
    if surroundings.account is None:
        yield Result("account-missing", Status.ERROR)
    else:
        surroundings.owned  # noqa: B018 - the request may fail, and this examination reports it


@examination("clock", needs=("account",))
def clocks_agree(surroundings: Surroundings) -> Iterator[Result]:
    """Compare this machine's clock with the Date header of a response. Opening hours depend on the clock."""
    account = surroundings.client
    began = surroundings.now()
    url = f"https://api.twilio.com/2010-04-01/Accounts/{account.account_sid}/IncomingPhoneNumbers.json"
    answer = account.request("GET", url, params={"PageSize": 1})
    middle = began + (surroundings.now() - began) / 2
    skew = abs((middle - parsedate_to_datetime(answer.headers["Date"])).total_seconds())
    if skew > CLOCK_WARNING_SECONDS:
        status = Status.ERROR if skew > CLOCK_ERROR_SECONDS else Status.WARNING
        yield Result("clock", status, {"seconds": f"{skew:.0f}"})


@examination("webhooks", needs=("account", "public-url"))
def webhooks_are_in_place(surroundings: Surroundings) -> Iterator[Result]:
    """The numbers and SIP domains of the account have the settings that `ivr provision` would make."""
    planned = plan(surroundings.line, surroundings.public_url, surroundings.owned)
    if not (planned.entries or planned.problems):
        yield Result("webhooks-none", Status.WARNING)
    for problem in planned.problems:
        yield Result(problem.code, Status.ERROR, problem.values)
    for entry in planned.entries:
        settings = {change.setting for change in entry.changes}
        if settings & _ESSENTIAL:
            yield Result("webhooks", Status.ERROR, _values(entry))
        elif settings:
            yield Result("webhook-settings", Status.WARNING, _values(entry))
        if entry.lacks_fallback:
            yield Result("fallback-none", Status.WARNING, _values(entry))


def _values(entry: PlanEntry) -> dict[str, str]:
    shown = numbers.written(entry.owned.name) if entry.owned.kind == "number" else entry.owned.name
    return {"address": shown, "municipalities": ", ".join(entry.municipalities)}


@examination("caller-id", needs=("account",))
def caller_ids_are_owned(surroundings: Surroundings) -> Iterator[Result]:
    """A caller ID that is neither owned nor verified ends each forwarding.

    Source: https://www.twilio.com/docs/api/errors/13214
    """
    own = {each.name for each in surroundings.owned if each.kind == "number"}
    municipalities = surroundings.municipalities
    shown = {each.name: each.shown for each in municipalities if each.shown and each.shown not in own}
    others = verified(surroundings.client) if shown else set()
    for municipality, number in shown.items():
        if number not in others:
            values = {"number": numbers.written(number), "municipality": municipality}
            yield Result("caller-id", Status.ERROR, values)


@examination("dialling", needs=("account",))
def dutch_numbers_may_be_dialled(surroundings: Surroundings) -> Iterator[Result]:
    """Without this permission Twilio dials no Dutch number.

    Source: https://www.twilio.com/docs/voice/api/dialingpermissions-country-resource
    """
    country = surroundings.client.voice.v1.dialing_permissions.countries(COUNTRY).fetch()
    if not country.low_risk_numbers_enabled:
        yield Result("dialling", Status.ERROR)


@examination("dialling-special", needs=("dialling",))
def special_numbers_may_be_dialled(surroundings: Surroundings) -> Iterator[Result]:
    """Premium, toll-free and shared-cost numbers need a permission of their own.

    Source: https://www.twilio.com/docs/voice/api/dialingpermissions-highriskspecialprefix-resource
    """
    country = surroundings.client.voice.v1.dialing_permissions.countries(COUNTRY)
    prefixes = tuple(re.sub(r"\D", "", each.prefix) for each in country.highrisk_special_prefixes.stream())
    special = {
        number: groups
        for number, groups in _dialled(surroundings).items()
        if number.lstrip("+").startswith(prefixes)
    }
    if not special or country.fetch().high_risk_special_numbers_enabled:
        return
    for number, groups in special.items():
        # An error if the callers of one of its hunt groups reach nobody at all.
        status = Status.WARNING if all(group - special.keys() for group in groups) else Status.ERROR
        yield Result("dialling-special", status, {"number": numbers.written(number)})


def _dialled(surroundings: Surroundings) -> dict[str, list[set[str]]]:
    """Return each number that the line dials → the endpoints of each hunt group that it is in."""
    groups = [each.numbers for each in surroundings.line.settings.destinations.values()]
    groups += [tuple(contact.number for contact in each.contacts) for each in surroundings.municipalities]
    dialled: dict[str, list[set[str]]] = {}
    for group in groups:
        for number in group:
            if not numbers.is_sip(number):
                dialled.setdefault(number, []).append(set(group))
    return dialled
