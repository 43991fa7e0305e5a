"""How long a whole reading takes, first and when nothing changed."""

import tempfile
import time
from pathlib import Path

from conftest import NOON, make_home

from ivr.config.reading import Cache, read


def measure():
    for municipalities in (1, 200, 1_000):
        with tempfile.TemporaryDirectory() as folder:
            home = make_home(Path(folder))
            multiply(home, municipalities)
            cache = Cache()
            first = timed(lambda home=home, cache=cache: read(home, NOON, cache))
            again = timed(lambda home=home, cache=cache: read(home, NOON, cache))
        print(f"{municipalities:>5} municipalities read and checked in {first:.2f} s, again in {again:.2f} s")


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
