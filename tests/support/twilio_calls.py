"""A call that the stand-in for Twilio was asked to make: it rings, and what picks up gets our document.

Sources: https://www.twilio.com/docs/voice/api/call-resource (states, StatusCallback, ending a call) and
https://www.twilio.com/docs/voice/twiml#request-parameters (what is sent to our address).
"""

import time
from email.utils import formatdate
from urllib.parse import urlsplit

from ivr.exchange.far_leg import far_leg
from ivr.exchange.people import NOT_REACHED, rung
from ivr.exchange.verbs import TwimlError
from ivr.exchange.wire import ReachedLine

FINISHED = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
OUTCOMES = frozenset({"answer", "declines", "voicemail", "hangs-up", "rings"}) | {*NOT_REACHED}
"""`answer` presses 1, `declines` 2, `voicemail` nothing; `hangs-up` picks up and hangs up before it hears
anything; `rings` goes on ringing until somebody ends the call."""


def ring(twilio, record, form):
    """Lead a call from `queued` to its end. `form`: what it was made with."""
    outcome = twilio.far_end.get(record["to"], "answer")
    assert outcome in OUTCOMES
    if not _becomes(twilio, record, "ringing"):
        return
    while outcome == "rings" and record["status"] == "ringing" and not twilio.closing.wait(twilio.pace):
        pass
    if outcome in NOT_REACHED:
        _becomes(twilio, record, outcome)
    elif _becomes(twilio, record, "in-progress"):
        record["start_time"] = formatdate(usegmt=True)
        line = ReachedLine(twilio.wire, twilio.token, _origin(form["Url"]))
        try:
            if outcome != "hangs-up":
                far_end = rung("answer" if outcome == "rings" else outcome).far_end
                far_leg(line, far_end, _parameters(record), lambda _: None).run(form["Url"])
        except TwimlError as error:
            twilio.alerts.append(str(error))
        if _becomes(twilio, record, "completed"):
            record["end_time"], record["duration"] = formatdate(usegmt=True), "1"
    _tell(twilio, record, form)


def _becomes(twilio, record, status):
    """Whether the call came to be in that state; not where somebody ended it meanwhile."""
    time.sleep(twilio.pace)
    with twilio._lock:
        if record["status"] in FINISHED or twilio.closing.is_set():
            return False
        record["status"] = status
        return True


def _parameters(record):
    own = ("account_sid", "AccountSid"), ("sid", "CallSid"), ("api_version", "ApiVersion")
    return {
        **{name: record[field] for field, name in own},
        "CallStatus": record["status"],
        "Direction": "outbound-api",
        **dict.fromkeys(("From", "Caller"), record["from"]),
        **dict.fromkeys(("To", "Called"), record["to"]),
        "FromCountry": "NL",
        "ToCountry": "NL",
    }


def _tell(twilio, record, form):
    """Tell the StatusCallback, by default once: of the end."""
    url = form.get("StatusCallback")
    if not url or twilio.closing.is_set():
        return
    more = {
        "CallDuration": record["duration"] or "0",
        "Duration": "1" if record["duration"] else "0",
        "Timestamp": formatdate(),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": "0",
    }
    try:
        ReachedLine(twilio.wire, twilio.token, _origin(url)).ask(url, {**_parameters(record), **more})
    except TwimlError as error:
        twilio.alerts.append(str(error))


def _origin(url):
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
