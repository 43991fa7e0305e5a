"""How long the console's pages take: the first one, held against a page that needs no file of a home.

The pages take turns, so that what else the machine does falls on all alike.
"""

import tempfile
from pathlib import Path
from statistics import median

from support.console import make_console
from support.homes import make_home

from bench.answering import tell
from bench.reading import multiply, timed

ROUNDS = 30
MOST = 100
"""Milliseconds in which the first page is wanted."""
PLAIN, FIRST = "/toegankelijkheid", "/"


def measure():
    print("\nthe console, in this process")
    for municipalities in (1, 200):
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), municipalities)


def _measure(folder, municipalities):
    home = make_home(folder / "home")
    multiply(home, municipalities)
    (folder / "state").mkdir()
    manager = make_console(home, folder / "state").manager()
    manager.get(FIRST)  # the first reading of the files
    rounds = [[timed(lambda path=path: manager.get(path)) for path in (PLAIN, FIRST)] for _ in range(ROUNDS)]
    what = f"the overview of {municipalities} municipalities"
    tell(f"{what}, ms", median(first for _, first in rounds) * 1000, most=MOST)
    ratio = median(first / plain for plain, first in rounds)
    print(f"  {what}, of a page without municipalities: {ratio:.1f} times")
