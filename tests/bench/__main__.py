"""How fast the line is: `make bench`. Figures to look at, each beside what we want of it; never a test."""

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import answering, asked, beset, pages, reading, telephoned


def main():
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its servers are ended as at Ctrl-C
    reading.measure()
    asked.count()
    pages.measure()
    answering.measure()
    beset.measure()
    telephoned.measure()


if __name__ == "__main__":
    main()
