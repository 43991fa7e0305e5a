"""Deletion of a call's records at Twilio (https://www.twilio.com/docs/voice/api/call-resource#delete-a-call-resource)."""

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from ivr.account.client import NOT_FOUND


def erase(account: Client, sid: str) -> None:
    """Delete the records of a call and of the legs that it dialled. Missing records are skipped.

    Raises `client.FAILURES`, with code 20009 if a leg is in progress or has only just ended.
    """
    # The legs first, because they can be found only through the call.
    for leg in account.calls.list(parent_call_sid=sid):
        _delete(account, str(leg.sid))
    _delete(account, sid)


def _delete(account: Client, sid: str) -> None:
    try:
        account.calls(sid).delete()
    except TwilioRestException as error:
        if error.code != NOT_FOUND:
            raise
