"""Stands in, on loopback, for Twilio's REST API: an account, as strict, busy and forgetful as the real one.

| what | as told at |
|---|---|
| who may ask; 401 and error 20003 for who may not | /docs/usage/requests-to-twilio, /docs/api/errors/20003 |
| error 20005 from an account that is suspended | /docs/api/errors/20005 |
| lists in pages: next_page_uri, and meta.next_page_url of newer resources | /docs/usage/twilios-response |
| 429 with Retry-After, 500, 503 | /docs/api/errors/20429 |
| numbers; error 21502 for an address that is none | /docs/phone-numbers/api/incomingphonenumber-resource |
| verified numbers | /docs/voice/api/outgoing-caller-ids |
| SIP domains | /docs/voice/sip/api/sip-domain-resource |
| calls: their list by ParentCallSid, their end, error 20404 | /docs/voice/api/call-resource |
| a call that is not over, or only just, is not deleted: error 20009 | /docs/api/errors/20009 |
| what may be dialled | /docs/voice/api/dialingpermissions-country-resource |

All below https://www.twilio.com. The form of the answers is that of the classes in the package `twilio`, made
from Twilio's OpenAPI description. A call that is made rings as `twilio_calls` says.
"""

import base64
import json
import re
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from threading import Event, Lock, Thread
from urllib.parse import parse_qsl, urlencode, urlsplit

from ivr.exchange.wire import OverHttp
from support.machines import free_port
from support.twilio_calls import FINISHED, ring
from support.twilio_records import VERSION, call_record, country_record, domain_record, number_record

SID = "AC" + "0123456789abcdef" * 2
TOKEN = "12345"
KEY = "SK" + "0123456789abcdef" * 2
SECRET = "67890"
LISTS = {
    "IncomingPhoneNumbers": "incoming_phone_numbers",
    "OutgoingCallerIds": "outgoing_caller_ids",
    "SIP/Domains": "domains",
    "Calls": "calls",
}
PREFIXES = {"IncomingPhoneNumbers": "PN", "OutgoingCallerIds": "PN", "SIP/Domains": "SD", "Calls": "CA"}
FILTERS = {
    "PhoneNumber": "phone_number",
    "ParentCallSid": "parent_call_sid",
    "Status": "status",
    "To": "to",
    "From": "from",
}
PAGE = 2
"""Records on a page at most, so that few records make several pages; the real one has 1,000."""


def sid(kind):
    return kind + token_hex(16)


class Refused(Exception):
    def __init__(self, status, code, message, headers=()):
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers)


@dataclass
class Asked:
    """One request, as a test may count it."""

    method: str
    path: str
    query: dict
    form: dict
    user: str


class Twilio:
    """The account and the moods of the stand-in.

    `moods`: each for one request, in order: `(status, headers)`, `cut`, or seconds to wait. `broken`: part
    of a path → `(status, headers)`, for every request there. `stop` and `start`: nobody listens meanwhile.
    """

    def __init__(self):
        self.records = {kind: {} for kind in LISTS}
        self.token = TOKEN
        self.account = {"status": "active"}
        self.country = {
            "low_risk_numbers_enabled": True,
            "high_risk_special_numbers_enabled": False,
            "high_risk_tollfraud_numbers_enabled": False,
        }
        self.special = ["+31900", "+31906", "+31909"]
        self.asked, self.moods, self.broken = [], [], {}
        self.young = {}
        """SID of a call → times that it is still too young to be deleted, though it is over."""
        self.skew = 0
        """Seconds by which its clock is ahead."""
        self.far_end = {}
        """Number → what it does when it is rung, one of twilio_calls.OUTCOMES; others answer and press 1."""
        self.wire = OverHttp()
        """How a call that is made reaches the address that it was given."""
        self.pace = 0.01
        """Seconds that a call stays in each state."""
        self.alerts = []
        """What the account's debugger shows: why a document was not obeyed."""
        self.closing = Event()
        self._lock, self._rings, self._server, self._port = Lock(), [], None, free_port()

    @property
    def address(self):
        return f"http://127.0.0.1:{self._port}"

    @property
    def env(self):
        """What an operator sets to reach it."""
        return {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "IVR_TWILIO_API": self.address}

    def add_number(self, number, **more):
        return self._add("IncomingPhoneNumbers", number_record(number), more)

    def add_caller_id(self, number, **more):
        record = {"phone_number": number, "friendly_name": number}
        return self._add("OutgoingCallerIds", record, more)

    def add_domain(self, name, **more):
        return self._add("SIP/Domains", domain_record(name), more)

    def add_call(self, to, from_, **more):
        """A call in the account's log; by default one that is over."""
        return self._add("Calls", call_record(to, from_), {"status": "completed", **more})

    def _add(self, kind, record, more):
        now = formatdate(usegmt=True)
        own = {"sid": sid(PREFIXES[kind]), "account_sid": SID, "date_created": now, "date_updated": now}
        record = {**own, **record, **more}
        record["uri"] = f"/{VERSION}/Accounts/{SID}/{kind}/{record['sid']}.json"
        self.records[kind][record["sid"]] = record
        return record["sid"]

    def count(self, method, part=""):
        return sum(each.method == method and part in each.path for each in self.asked)

    def start(self):
        twilio = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                twilio._answer(self)

            def do_POST(self):
                twilio._answer(self)

            def do_DELETE(self):
                twilio._answer(self)

            def date_time_string(self, timestamp=None):
                return super().date_time_string((timestamp or time.time()) + twilio.skew)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def close(self):
        self.closing.set()
        self.stop()
        self.hung_up()

    def hung_up(self):
        """Wait until every call that was made is over."""
        for each in self._rings:
            each.join()

    def _answer(self, handler):
        asked = _read(handler)
        with self._lock:
            self.asked.append(asked)
            mood = self.moods.pop(0) if self.moods else None
        if mood == "cut":
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        try:
            self._be_moody(mood, asked)
            self._let_in(handler.headers.get("Authorization", ""))
            with self._lock:
                status, told = self._route(asked)
            _send(handler, status, told)
        except Refused as error:
            told = {
                "code": error.code,
                "message": error.message,
                "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
                "status": error.status,
            }
            _send(handler, error.status, told, error.headers)

    def _be_moody(self, mood, asked):
        moods = [mood, *(told for part, told in self.broken.items() if part in asked.path)]
        for each in moods:
            match each:
                case (status, headers):
                    code = {401: 20003, 429: 20429, 503: 20503}.get(status, 20500)
                    raise Refused(status, code, "Twilio is in a mood", headers)
                case int() | float():
                    self.closing.wait(each)
                case _:
                    pass

    def _let_in(self, header):
        if header not in {_basic(SID, TOKEN), _basic(KEY, SECRET)}:
            raise Refused(401, 20003, "Authentication Error - invalid username")
        if self.account["status"] != "active":
            raise Refused(403, 20005, "Account is not active")

    def _route(self, asked):
        for method, pattern, do in self._ways():
            found = re.fullmatch(pattern, asked.path)
            if found and method == asked.method:
                return do(asked, *found.groups())
        raise _missing(asked)

    def _ways(self):
        own, kinds = f"/{VERSION}/Accounts/{SID}", "|".join(LISTS)
        country = "/v1/DialingPermissions/Countries/NL"
        return (
            ("GET", f"{own}/({kinds}).json", self._list),
            ("GET", f"{own}/({kinds})/(\\w+).json", lambda asked, *which: (200, self._find(asked, *which))),
            ("POST", f"{own}/(IncomingPhoneNumbers|SIP/Domains)/(\\w+).json", self._update),
            ("POST", f"{own}/Calls.json", self._call),
            ("POST", f"{own}/(Calls)/(\\w+).json", self._end_call),
            ("DELETE", f"{own}/(Calls)/(\\w+).json", self._delete_call),
            ("GET", country, self._country),
            ("GET", f"{country}/HighRiskSpecialPrefixes", self._special),
        )

    def _find(self, asked, kind, which):
        if which not in self.records[kind]:
            raise _missing(asked)
        return self.records[kind][which]

    def _list(self, asked, kind):
        wanted = {FILTERS[name]: value for name, value in asked.query.items() if name in FILTERS}
        found = [
            record
            for record in reversed(self.records[kind].values())
            if all(record[field] == value for field, value in wanted.items())
        ]
        page, size, first = _page(asked)
        shown, more = found[first : first + size], len(found) > first + size
        query = {**asked.query, "PageSize": size}
        return 200, {
            LISTS[kind]: shown,
            "end": first + len(shown) - 1,
            "first_page_uri": f"{asked.path}?{urlencode({**query, 'Page': 0})}",
            "next_page_uri": f"{asked.path}?{urlencode({**query, 'Page': page + 1, 'PageToken': 'PA'})}"
            if more
            else None,
            "page": page,
            "page_size": size,
            "previous_page_uri": f"{asked.path}?{urlencode({**query, 'Page': page - 1})}" if page else None,
            "start": first,
            "uri": asked.path,
        }

    def _update(self, asked, kind, which):
        record = self._find(asked, kind, which)
        for name, value in asked.form.items():
            field = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
            if field.endswith("_url") and value and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
                raise Refused(400, 21502, f"{name} is not valid: {value}")
            if field in record:  # Twilio passes over what it does not know
                record[field] = value
        return 200, record

    def _call(self, asked):
        form = asked.form
        if missing := {"To", "From", "Url"} - form.keys():
            raise Refused(
                400, 21201 if "To" in missing else 21205, f"No {', '.join(sorted(missing))} specified"
            )
        owned = [
            each["phone_number"]
            for kind in ("IncomingPhoneNumbers", "OutgoingCallerIds")
            for each in self.records[kind].values()
        ]
        if form["From"] not in owned:
            raise Refused(400, 21210, f"Source phone number provided, {form['From']}, is not yet verified")
        own = call_record(form["To"], form["From"])
        made = self._add("Calls", own, {"status": "queued", "direction": "outbound-api"})
        answer = dict(self.records["Calls"][made])
        thread = Thread(target=ring, args=(self, self.records["Calls"][made], form), daemon=True)
        self._rings.append(thread)
        thread.start()
        return 201, answer

    def _end_call(self, asked, kind, which):
        record, status = self._find(asked, kind, which), asked.form.get("Status", "")
        if record["status"] in FINISHED:
            raise Refused(400, 21220, "Call is not in-progress. Cannot redirect.")
        if status == "completed" or (status == "canceled" and record["status"] in ("queued", "ringing")):
            record["status"] = status
        return 200, record

    def _delete_call(self, asked, kind, which):
        record = self._find(asked, kind, which)
        left = self.young.get(which, 0)
        if record["status"] not in FINISHED or left:
            self.young[which] = max(left - 1, 0)
            raise Refused(409, 20009, "Cannot delete this resource before it is complete")
        del self.records[kind][which]
        return 204, None

    def _country(self, asked):
        return 200, country_record(f"https://voice.twilio.com{asked.path}", self.country)

    def _special(self, asked):
        page, size, first = _page(asked)
        url = f"https://voice.twilio.com{asked.path}?PageSize={size}&Page="
        more = len(self.special) > first + size
        return 200, {
            "content": [{"prefix": prefix} for prefix in self.special[first : first + size]],
            "meta": {
                "first_page_url": f"{url}0",
                "key": "content",
                "next_page_url": f"{url}{page + 1}&PageToken=PA" if more else None,
                "page": page,
                "page_size": size,
                "previous_page_url": f"{url}{page - 1}" if page else None,
                "url": f"{url}{page}",
            },
        }


def _basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _missing(asked):
    return Refused(404, 20404, f"The requested resource {asked.path} was not found")


def _page(asked):
    """Number of a page, records on it at most, place of the first."""
    page, size = int(asked.query.get("Page", 0)), min(int(asked.query.get("PageSize", 50)), PAGE)
    return page, size, page * size


def _read(handler):
    parts = urlsplit(handler.path)
    body = handler.rfile.read(int(handler.headers.get("Content-Length", 0))).decode()
    query, form = (dict(parse_qsl(text, keep_blank_values=True)) for text in (parts.query, body))
    user = handler.headers.get("Authorization", "").removeprefix("Basic ")
    user = base64.b64decode(user).decode().partition(":")[0]
    return Asked(handler.command, parts.path, query, form, user)


def _send(handler, status, told, headers=()):
    body = b"" if told is None else json.dumps(told).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", **dict(headers)}.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    # Who asked may have given up meanwhile.
    with suppress(BrokenPipeError, ConnectionResetError):
        handler.end_headers()
        handler.wfile.write(body)


@contextmanager
def stand_in():
    twilio = Twilio()
    twilio.start()
    try:
        yield twilio
    finally:
        twilio.close()
