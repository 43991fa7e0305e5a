"""How long a whole reading takes: at first, again, after one file changed, and as a command."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from support.homes import NOON, make_home

from ivr.config.reading import Cache, read

MANY = 1_000
COLD, ONE_CHANGED = 1.0, 0.2
"""Seconds, wanted of `ivr check` from the shell, and of the next look after one file changed."""
RUNS = 5


def measure():
    for municipalities in (1, 200, MANY):
        with tempfile.TemporaryDirectory() as folder:
            home = make_home(Path(folder))
            multiply(home, municipalities)
            cache = Cache()
            first = timed(lambda home=home, cache=cache: read(home, NOON, cache))
            again = timed(lambda home=home, cache=cache: read(home, NOON, cache))
            changed = median(after_a_change(home, cache, number) for number in range(RUNS))
            cold = median(timed(lambda home=home: check(home)) for _ in range(RUNS))
        print(f"{municipalities:>5} municipalities read and checked in {first:.2f} s, again in {again:.2f} s")
    print(f"      one of {MANY} changed: {verdict(changed, ONE_CHANGED)}")
    print(f"      `ivr check` of {MANY}, whole process: {verdict(cold, COLD)}")


def verdict(seconds, most):
    return f"{seconds:.2f} s (wanted: {most:.1f}, {'met' if seconds <= most else 'NOT MET'})"


def after_a_change(home, cache, number):
    path = home.root / f"config/municipalities/stad{number + 1}.yaml"
    if not path.exists():
        return 0
    path.write_text(f"{path.read_text('utf-8')}# {number}\n", "utf-8")
    return timed(lambda: read(home, NOON, cache))


def check(home):
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "ivr", "--home", str(home.root), "check"],
        stdout=subprocess.DEVNULL,
        check=True,
    )


def multiply(home, times):
    """So many municipalities, each with numbers of its own."""
    folder = home.root / "config/municipalities"
    shipped = (folder / "voorbeeldstad.yaml").read_text("utf-8")
    for number in range(1, times):
        text = shipped.replace("oorbeeldstad", f"stad{number}")
        text = text.replace("+31 20 000 00 01", f"+31 20 1{number:06}")
        (folder / f"stad{number}.yaml").write_text(text, "utf-8")


def timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
