"""`POST /voice` as Twilio sends it, held against a constant and a plain view, on the same gunicorn.

The four servers take turns, so that what else the machine does falls on all of them alike; a ratio is the
median of the rounds'. For the latencies each connection pauses between two requests, so that all four carry
the same load.
"""

import re
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import requests
from conftest import TOKEN, make_home
from twilio.request_validator import RequestValidator

from bench.reading import multiply
from bench.servers import WORKERS, baseline, ours

ROUNDS, SECONDS, FULL = 7, 3, 32
CONNECTIONS, PAUSE = 20, 40
"""Of the latencies: connections, and milliseconds between two requests of one: about 500 a second."""
FORM = {
    "AccountSid": "AC" + "0" * 32,
    "ApiVersion": "2010-04-01",
    "CallSid": "CA" + "0" * 32,
    "CallStatus": "ringing",
    "CallToken": "%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9%22%7D",
    "Direction": "inbound",
    **dict.fromkeys(("From", "Caller"), "+31200000199"),
    **dict.fromkeys(("To", "Called"), "+31200000001"),
    **{f"{who}{what}": "" for who in ("From", "To", "Caller", "Called") for what in ("City", "State", "Zip")},
    **{f"{who}Country": "NL" for who in ("From", "To", "Caller", "Called")},
}


def measure():
    if not shutil.which("wrk"):
        print("not measured: POST /voice under load. It needs wrk: apt install wrk")
        return
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        _compare(list(_started(Path(folder), running)), Path(folder))


def _started(folder, running):
    """The constant, the plain view, and our server with one and with 1,000 municipalities."""

    def started(server):
        running.callback(server.stop)
        return server

    one = started(ours("ours", _home(folder / "1", 1)))
    thousand = started(ours("ours, 1,000 municipalities", _home(folder / "1000", 1_000)))
    answer = requests.post(f"{one.url}/voice", data=FORM, headers=_signed(one), timeout=5)
    document = folder / "document.xml"
    document.write_bytes(answer.content)
    print(f"\nPOST /voice, {WORKERS} workers, {len(FORM)} fields, a document of {len(answer.content)} bytes")
    yield started(baseline("(a) constant", "constant", document))
    yield started(baseline("(b) plain Flask", "plain", document))
    yield from (one, thousand)


def _home(folder, municipalities):
    home = make_home(folder)
    for file in (home.root / "config/municipalities").glob("*.yaml"):
        file.write_text(file.read_text("utf-8").replace("example: true  ", "example: false "), "utf-8")
    multiply(home, municipalities)
    return home


def _signed(server):
    signature = RequestValidator(TOKEN).compute_signature(f"{server.url}/voice", FORM)
    return {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}


def _compare(servers, folder):
    full = {server.name: [] for server in servers}
    paced = {server.name: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            full[server.name].append(_load(server, folder, connections=FULL))
    for _ in range(ROUNDS):
        for server in servers:
            paced[server.name].append(_load(server, folder, connections=CONNECTIONS, pause=PAUSE))
    for server in servers:
        rate, p50, p99, cpu = (median(each[part] for each in full[server.name]) for part in range(4))
        calm = [median(each[part] for each in paced[server.name]) for part in range(3)]
        print(
            f"  {server.name:<27} {rate:7.0f} a second, {cpu:4.0f} µs of processor each, "
            f"p50 {p50:.1f} p99 {p99:.1f} ms; "
            f"at {calm[0]:.0f} a second p50 {calm[1]:.2f} p99 {calm[2]:.2f} ms"
        )
    a, b, one, thousand = (server.name for server in servers)

    def ratio(rounds, part, name, other):
        return median(x[part] / y[part] for x, y in zip(rounds[name], rounds[other], strict=True))

    _tell("throughput, of (a)", ratio(full, 0, one, a), least=0.6)
    _tell("throughput, of (b)", ratio(full, 0, one, b), least=1)
    _tell("p99 at the same load, of (a)", ratio(paced, 2, one, a), most=2)
    _tell("throughput with 1,000 municipalities, of with one", ratio(full, 0, thousand, one), least=0.95)
    rss, pss = servers[3].memory()
    _tell("memory of a worker with 1,000 municipalities, MB", rss, most=120)
    print(f"  (its share, with what workers have in common counted once: {pss:.0f} MB)")


def _tell(what, figure, *, least=0.0, most=float("inf")):
    wanted = f"at least {least}" if least else f"at most {most}"
    print(f"  {what}: {figure:.2f} (wanted: {wanted}): {'met' if least <= figure <= most else 'NOT MET'}")


def _load(server, folder, *, connections, pause=0):
    """One turn: requests a second, p50 and p99 (ms), and microseconds of processor for each request."""
    script = folder / "post.lua"
    headers = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in _signed(server).items())
    wait = f"function delay() return {pause} end\n" if pause else ""
    script.write_text(f'wrk.method = "POST"\nwrk.body = "{urlencode(FORM)}"\n{headers}{wait}', "utf-8")
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{SECONDS}",
        "--latency",
        "-s",
        str(script),
        f"{server.url}/voice",
    ]
    before = server.cpu()
    time.sleep(0.1)
    done = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    if "Non-2xx" in done:
        raise RuntimeError(f"{server.name}: {done}")
    asked = int(re.search(r"(\d+) requests in", done)[1])
    rate = float(re.search(r"Requests/sec: +([\d.]+)", done)[1])
    return rate, _ms(done, "50%"), _ms(done, "99%"), (server.cpu() - before) / asked * 1e6


def _ms(done, part):
    value, unit = re.search(rf"{part} +([\d.]+)(us|ms|s)\b", done).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
