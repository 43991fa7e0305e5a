"""Throws bytes at the line, guided by the code that they reach: `make fuzz SECONDS=600`.

Without FILE both targets, half of the time each; ends with 1 where something was found. With TARGET (voice or
config) and FILE: once more with what was found, to see where.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import click

HERE = Path(__file__).parent
KEPT = HERE.parent / ".fuzz"
"""What was found, and inputs that reached new code, for the next time."""
CHILD = "BALIELIJN_FUZZ"
HANGS = 20
"""Seconds for one input, after which it counts as found."""
LONGEST = 4096
"""Bytes of an input."""


@click.command(help=__doc__)
@click.option("--seconds", type=click.IntRange(2), default=60, show_default=True)
@click.argument("target", required=False)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(seconds, target, file):
    from support.fuzz_targets import TARGETS  # noqa: PLC0415 - --help need not wait for it

    if file:
        with tempfile.TemporaryDirectory() as folder:
            TARGETS[target](Path(folder))(file.read_bytes())
        click.echo("Nothing is wrong with it any more.")
        return
    found = [fuzz(name, TARGETS[name].seeds(), seconds // 2) for name in TARGETS]
    sys.exit(any(found))


def fuzz(name, seeds, seconds):
    """Fuzz one target in a process of its own; whether something was found."""
    corpus = KEPT / name
    corpus.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        seeded = Path(folder) / "seeds"
        seeded.mkdir()
        known = set()
        for number, seed in enumerate(seeds):
            (seeded / str(number)).write_bytes(seed)
            known |= set(re.findall(r"[\w/-]{3,30}", seed.decode("utf-8", "ignore"), re.ASCII))
        words = Path(folder) / "words"
        words.write_text("".join(f'"{word}"\n' for word in sorted(known)), "utf-8")
        limits = [
            f"-max_total_time={seconds}",
            f"-timeout={HANGS}",
            f"-max_len={LONGEST}",
            "-rss_limit_mb=2048",
        ]
        kept = [f"-dict={words}", f"-artifact_prefix={KEPT}/{name}-", str(corpus), str(seeded)]
        done = subprocess.run(  # noqa: S603
            [sys.executable, __file__, *limits, "-print_final_stats=1", *kept],
            env={**os.environ, CHILD: name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    stats = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stdout))
    runs, rate = (int(stats.get(each, 0)) for each in ("number_of_executed_units", "average_exec_per_sec"))
    click.echo(f"{name}: {runs:,} inputs in {seconds} s, {rate:,} a second")
    if done.returncode or not runs:
        click.echo(done.stdout[-6000:])
        for wrote in re.findall(r"written to (\S+)", done.stdout):
            click.echo(f"Found. Once more: .venv/bin/python tests/fuzz.py {name} {wrote}")
        return True
    return False


def child(name):
    try:
        import atheris  # noqa: PLC0415 - not everywhere to be had
    except ImportError:
        sys.exit("atheris is not installed, so there is no fuzzing here: pip install 'balielijn[fuzz]'")
    with atheris.instrument_imports(include=["ivr"]):
        from support.fuzz_targets import TARGETS  # noqa: PLC0415 - once it is instrumented
    with tempfile.TemporaryDirectory() as folder:
        atheris.Setup(sys.argv, TARGETS[name](Path(folder)))
        atheris.Fuzz()


if __name__ == "__main__":
    if CHILD in os.environ:
        child(os.environ[CHILD])
    else:
        main()
