"""How long a call takes while slow clients are there, by each way to the line."""

import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from support.homes import NOON
from support.ways import SLOW, WAYS, Served, beset, make_spoken

from bench.answering import tell
from bench.pace import part


def measure():
    print(f"\ncalls while {SLOW} slow readers, {SLOW} slow writers and {SLOW} idle connections are there")
    with tempfile.TemporaryDirectory() as folder:
        home = make_spoken(Path(folder) / "home", NOON)
        for way in WAYS:
            own = Path(folder) / way.__name__
            own.mkdir()
            with (
                Served(home, own) as serve,
                way(serve, own) as (url, authority),
                patch.dict(os.environ, {"REQUESTS_CA_BUNDLE": str(authority)} if authority else {}),
            ):
                answers = beset(url, authority)
            lost = sum(status != 200 for status, _ in answers)
            p99 = part(sorted(seconds * 1000 for _, seconds in answers), 0.99)
            tell(f"{way.__name__}: p99, ms ({lost} of {len(answers)} calls lost)", p99, most=250)
