"""The account's numbers and SIP domains, and their webhooks.

All functions raise `ivr.account.client.FAILURES`.
"""

from collections.abc import Iterator
from typing import Any, Final

from twilio.rest import Client

from ivr.account.plan import OVERRIDES, STATUS_CALLBACK, Owned, PlanEntry

_PAGE: Final = 1000
"""Records in one response, the maximum (https://www.twilio.com/docs/usage/twilios-response)."""
_VOICE: Final = ("voice_url", "voice_method", "voice_fallback_url", "voice_fallback_method")


def owned(account: Client) -> list[Owned]:
    """List all numbers and SIP domains of the account, with their settings for voice."""
    return [*owned_numbers(account), *_domains(account)]


def owned_numbers(account: Client) -> Iterator[Owned]:
    """Yield the numbers of the account, with their settings for voice."""
    for each in account.incoming_phone_numbers.stream(page_size=_PAGE):
        settings = _settings(each, *_VOICE, STATUS_CALLBACK["number"], *OVERRIDES)
        yield Owned("number", each.phone_number, each.sid, settings)


def _domains(account: Client) -> Iterator[Owned]:
    for each in account.sip.domains.stream(page_size=_PAGE):
        yield Owned("domain", each.domain_name, each.sid, _settings(each, *_VOICE, STATUS_CALLBACK["domain"]))


def verified(account: Client) -> set[str]:
    """List the numbers (E.164) that do not belong to the account and are verified as caller ID."""
    return {each.phone_number for each in account.outgoing_caller_ids.stream(page_size=_PAGE)}


def change(account: Client, entry: PlanEntry) -> None:
    """Apply the changes of one entry of the plan."""
    wanted = {each.setting: each.wanted for each in entry.changes}
    match entry.owned.kind:
        case "number":
            account.incoming_phone_numbers(entry.owned.sid).update(**wanted)
        case "domain":
            account.sip.domains(entry.owned.sid).update(**wanted)


def _settings(record: Any, *names: str) -> dict[str, str]:
    return {name: getattr(record, name) or "" for name in names}
