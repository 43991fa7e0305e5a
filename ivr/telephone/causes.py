"""What a refused INVITE means for the caller: SIP status code → DialCallStatus.

Twilio's page on Dial (https://www.twilio.com/docs/voice/twiml/dial#dialcallstatus) has three for a far end
that was not reached: `busy`, `no-answer` (nobody picked up in time) and `failed` (it cannot be routed).
It does not say which SIP status is which. RFC 3261, 21, says what each status states. RFC 3398, 7.2.4.1 and
8.2.6.1, says which cause of the telephone network it stands for (Q.850, as in the Reason header of RFC 3326).
"""

from typing import Final

_STATUSES: Final = {
    486: "busy",  # Busy Here; cause 17, user busy
    600: "busy",  # Busy Everywhere; cause 17
    603: "busy",  # Decline; cause 21, call rejected: somebody is there and refuses
    408: "no-answer",  # Request Timeout; the telephone is not there to answer
    480: "no-answer",  # Temporarily Unavailable; causes 18 and 19, no user responding, no answer
    487: "no-answer",  # Request Terminated: by our CANCEL
}


def outcome_of(status: int | None) -> str:
    """Return `busy`, `no-answer` or `failed`. `status`: None where the far end never answered the INVITE."""
    return _STATUSES.get(status or 0, "failed")
