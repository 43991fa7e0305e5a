"""`POST /voice` as Twilio sends it, held against servers that do less.

These are a constant and plain Flask on gunicorn, and a sample in express on Node. The servers take turns, so
that what else the machine does falls on all alike; a ratio is the median of the rounds'.

Throughput is what wrk gets out of them: a load generator of our own would need more processor than what it
measures. Latencies are those of a constant rate that all of them sustain (see `pace`). Then ours is measured
once more with clients on it that send their body a byte at a time.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import click
import requests
from support.homes import make_real

from bench import calls, pace
from bench.apps import WORKERS
from bench.reading import multiply
from bench.servers import on_gunicorn, on_node, ours
from bench.slow import slow_writers

ROUNDS, SECONDS, FULL = 7, 3, 32
SLOW = 200
"""Clients that send their body a byte at a time."""
A, B, C = "(a) a constant on gunicorn", "(b) plain Flask on gunicorn", "(c) express on Node"
ONE, MANY = "ours", "ours, 1,000 municipalities"
RATES, P99S = 0, 2
"""Places in what a turn gives."""
RATE = 400
"""Requests a second for the latencies: a third of what the slowest of them can do here."""


def measure():
    try:
        _measure()
    except pace.NotMeasured as error:
        print(f"not measured: {error}")


def _measure():
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        servers = _start(Path(folder), running)
        if shutil.which("wrk"):
            _throughput(servers, Path(folder))
        else:
            print("not measured: throughput. It needs wrk: apt install wrk")
        _latency(servers)
        _memory(servers[MANY])


def _start(folder, running):
    """Start the servers: name → server."""
    one = running.enter_context(ours(ONE, _home(folder / "1", 1), 1))
    many = running.enter_context(ours(MANY, _home(folder / "1000", 1_000), 1_000))
    document = folder / "document.xml"
    document.write_bytes(_answer(one, 0))
    # Or a call that is refused, and answered shortly, would be taken for a fast one.
    if {_answer(many, number) for number in (0, 1, calls.CALLS - 1)} != {document.read_bytes()}:
        raise pace.NotMeasured("not every municipality is answered alike")
    print(
        f"\nPOST /voice, {WORKERS} workers, {len(next(calls.forms(1)))} fields, "
        f"a document of {document.stat().st_size} bytes"
    )
    others = [on_gunicorn(A, "constant", document), on_gunicorn(B, "plain", document)]
    if node := on_node(C, folder / "node"):
        others.append(node)
    else:
        print("not measured: express. It needs node and npm, and their registry")
    started = [running.enter_context(each) for each in others]
    return {server.name: server for server in (*started, one, many)}


def _home(folder, municipalities):
    home = make_real(folder)
    multiply(home, municipalities)
    return home


def _answer(server, number):
    body, signature = server.calls[number]
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    return requests.post(server.address, data=body, headers=headers, timeout=5).content


def _throughput(servers, folder):
    rounds = _rounds(servers, lambda server: _wrk(server, folder))
    _show(rounds, "at most")
    with slow_writers(servers[ONE].address, SLOW):
        slow = _rounds({ONE: servers[ONE]}, lambda server: _wrk(server, folder))
    _show(slow, f"at most, with {SLOW} slow clients")
    for other, least in ((A, 1.5), (B, 2.5), (C, 3)):
        if other in servers:
            _tell(f"throughput, of {other}", _ratio(rounds, RATES, ONE, other), least=least)
            _tell(f"the same with {SLOW} slow clients", _ratio(rounds | slow, RATES, ONE, other), least=least)
    _tell("throughput with 1,000 municipalities, of with one", _ratio(rounds, RATES, MANY, ONE), least=0.95)


def _latency(servers):
    rounds = _rounds(servers, _paced)
    _show(rounds, "steady")
    with slow_writers(servers[ONE].address, SLOW):
        slow = _rounds({ONE: servers[ONE]}, _paced)
    _show(slow, f"steady, with {SLOW} slow clients")
    _tell("p99 at the same load, of (a)", _ratio(rounds, P99S, ONE, A), most=1)
    _tell(f"the same with {SLOW} slow clients", _ratio(rounds | slow, P99S, ONE, A), most=1)
    _tell("p99 at the same load with 1,000 municipalities, of (a)", _ratio(rounds, P99S, MANY, A), most=1)


def _show(rounds, load):
    for name, turns in rounds.items():
        rate, p50, p99, cpu = (median(each[what] for each in turns) for what in range(4))
        print(
            f"  {name:<27} {rate:6.0f} a second {load}, {cpu:4.0f} µs of processor each, "
            f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"
        )


def _memory(server):
    for number, (rss, pss) in enumerate(server.memory(), 1):
        what = f"memory of worker {number} with 1,000 municipalities, MB"
        _tell(f"{what} (its share of it: {pss:.0f})", rss, most=120)


def _rounds(servers, turn):
    rounds = {name: [] for name in servers}
    with click.progressbar([*servers.values()] * ROUNDS, file=sys.stderr) as turns:
        for server in turns:
            rounds[server.name].append(turn(server))
    return rounds


def _ratio(rounds, what, name, other):
    return median(x[what] / y[what] for x, y in zip(rounds[name], rounds[other], strict=True))


def _tell(what, figure, *, least=0.0, most=float("inf")):
    wanted = f"at least {least}" if least else f"at most {most}"
    print(f"  {what}: {figure:.2f} (wanted: {wanted}): {'met' if least <= figure <= most else 'NOT MET'}")


def _wrk(server, folder):
    """One turn at full load: requests a second, p50 and p99 (ms), microseconds of processor for each."""
    script = folder / "post.lua"
    script.write_text(calls.script(server.calls), "utf-8")
    command = ["wrk", "-t1", f"-c{FULL}", f"-d{SECONDS}", "--latency", "-s", str(script), server.address]
    before = server.cpu()
    done = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    if "Non-2xx" in done:
        raise pace.NotMeasured(f"{server.name}: {done}")
    asked = int(re.search(r"(\d+) requests in", done)[1])
    rate = float(re.search(r"Requests/sec: +([\d.]+)", done)[1])
    return rate, _ms(done, "50%"), _ms(done, "99%"), (server.cpu() - before) / asked * 1e6


def _paced(server):
    """One turn at the steady rate, told as by `_wrk`."""
    before = server.cpu()
    latencies = pace.paced(server.address, calls.messages(server.address, server.calls), RATE, SECONDS)
    cpu = (server.cpu() - before) / len(latencies) * 1e6
    return RATE, pace.part(latencies, 0.5), pace.part(latencies, 0.99), cpu


def _ms(done, share):
    value, unit = re.search(rf"{share} +([\d.]+)(us|ms|s)\b", done).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
