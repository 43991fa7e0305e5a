"""What a call of a real telephone costs: processor time and memory of the endpoint, at 8 kHz."""

import gc
import tempfile
import time
from pathlib import Path
from shutil import which
from threading import Event

from support.softphone import Office, plays, softphones, sweep, tone

from bench.answering import tell

CALLS = 8
SECONDS = 10.0
_PAGE = 4096


def measure():
    print(f"\n{CALLS} calls of real telephones (Debian's baresip) at once, which hear speech and send sound")
    if not which("baresip"):
        print("  baresip is not installed here (Debian: baresip-core)")
        return
    over, clip = Event(), sweep(20)

    def lead(call):
        while not over.is_set():
            plays(call, clip[:8000])

    with tempfile.TemporaryDirectory() as folder, softphones() as phone:
        line = Office(lead, calls=CALLS)
        try:
            desks = [phone(Path(folder) / str(each), tone(700, 1)) for each in range(CALLS)]
            gc.collect()
            before = _memory()
            for desk in desks:
                desk.dial(line.at())
            for desk in desks:
                desk.until("CALL_ESTABLISHED")
            time.sleep(1)
            began, spent = time.monotonic(), time.process_time()
            time.sleep(SECONDS)
            share = (time.process_time() - spent) / (time.monotonic() - began)
            tell("telephone: processor time of one call, % of one core", share / CALLS * 100, most=5)
            tell("telephone: memory of one call, kB", (_memory() - before) / CALLS / 1000, most=2000)
        finally:
            over.set()
            line.close()


def _memory():
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE
