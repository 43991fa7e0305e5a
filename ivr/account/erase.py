"""Erasing a call from Twilio's log (https://www.twilio.com/docs/voice/api/call-resource#delete-a-call-resource)."""

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from ivr.account.client import NOT_FOUND


def erase(account: Client, sid: str) -> None:
    """Delete the records of a call and of all its legs to far ends; what is gone already is no trouble.

    Raises `client.FAILURES`; error 20009 while a leg is not over, or only just.
    """
    # The legs first: once the call itself is gone, nothing would lead to them.
    for leg in account.calls.list(parent_call_sid=sid):
        _delete(account, str(leg.sid))
    _delete(account, sid)


def _delete(account: Client, sid: str) -> None:
    try:
        account.calls(sid).delete()
    except TwilioRestException as error:
        if error.code != NOT_FOUND:
            raise
