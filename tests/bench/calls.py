"""Calls as Twilio sends them, each with a caller and SIDs of its own, signed."""

import json
from urllib.parse import urlencode, urlsplit

from support.homes import TOKEN
from twilio.request_validator import RequestValidator

CALLS = 1_000
"""Different ones, sent in turn."""
FORM = {
    "AccountSid": "AC" + "0" * 32,
    "ApiVersion": "2010-04-01",
    "CallStatus": "ringing",
    "CallToken": "%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9%22%7D",
    "Direction": "inbound",
    **{f"{who}{what}": "" for who in ("From", "To", "Caller", "Called") for what in ("City", "State", "Zip")},
    **{f"{who}Country": "NL" for who in ("From", "To", "Caller", "Called")},
}
_SCRIPT = """
local bodies, signatures = %s, %s
local made, turn = {}, 0
function init()
  for i = 1, #bodies do
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
    wrk.headers["X-Twilio-Signature"] = signatures[i]
    made[i] = wrk.format("POST", nil, wrk.headers, bodies[i])
  end
end
function request()
  turn = turn %% #made + 1
  return made[turn]
end
"""


def forms(municipalities):
    """The forms of calls to so many municipalities, as `reading.multiply` numbers them, in turn."""
    for number in range(CALLS):
        dialled = number % municipalities
        to = f"+31201{dialled:06}" if dialled else "+31200000001"
        caller = f"+31200000{100 + number % 900}"
        both = {"From": caller, "Caller": caller, "To": to, "Called": to}
        yield {"CallSid": f"CA{number:032x}", **FORM, **both}


def signed(url, municipalities):
    """Each call's body and signature."""
    sign = RequestValidator(TOKEN).compute_signature
    return [(urlencode(form), sign(url, form)) for form in forms(municipalities)]


def messages(url, calls):
    """The same as they go over the wire."""
    place = urlsplit(url)
    return [
        (
            f"POST {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nX-Twilio-Signature: {signature}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        for body, signature in calls
    ]


def script(calls):
    """The same for wrk, in Lua."""
    lists = ("{" + ",".join(json.dumps(each[part]) for each in calls) + "}" for part in (0, 1))
    return _SCRIPT % tuple(lists)
