"""How fast it is: `make bench`. Figures to look at, never a test."""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from conftest import PUBLIC, TODAY, TOKEN, make_home
from twilio.request_validator import RequestValidator

from ivr.config.live import Live
from ivr.config.reading import Cache, read
from ivr.web import create_app
from ivr.web.signature import Doors

REQUESTS = 3_000
FORM = {"To": "+31200000001", "From": "+31200000199", "CallSid": "CA" + "0" * 32, "CallStatus": "ringing"}


def main():
    for municipalities in (1, 200, 1_000):
        with tempfile.TemporaryDirectory() as folder:
            home = make_home(Path(folder))
            multiply(home, municipalities)
            reading(home, municipalities)
            answering(home, municipalities)


def multiply(home, times):
    """So many municipalities, each with numbers of its own."""
    folder = home.root / "config/municipalities"
    shipped = (folder / "voorbeeldstad.yaml").read_text("utf-8")
    for number in range(1, times):
        text = shipped.replace("oorbeeldstad", f"stad{number}").replace("+31 20 000 00 01", dialled(number))
        (folder / f"stad{number}.yaml").write_text(text, "utf-8")


def dialled(number):
    return f"+31 20 1{number:06}"


def reading(home, municipalities):
    cache = Cache()
    first = timed(lambda: read(home, TODAY, cache))
    again = timed(lambda: read(home, TODAY, cache))
    print(f"{municipalities:>5} municipalities read and checked in {first:.2f} s, again in {again:.2f} s")


def answering(home, municipalities):
    client = create_app(
        Live(home, lambda: datetime.now(UTC), public=False), Doors(TOKEN, PUBLIC), lambda: datetime.now(UTC)
    ).test_client()
    headers = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/voice", FORM)}
    spent = timed(lambda: [client.post("/voice", data=FORM, headers=headers) for _ in range(REQUESTS)])
    print(f"      POST /voice in process: {REQUESTS / spent:.0f} a second, {1000 * spent / REQUESTS:.2f} ms")


def timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
