"""What the files around the code promise each other: nothing here is read by the line."""

import json
import re
import subprocess
import tomllib
from datetime import date
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support.machines import needed

from ivr.dialogue.usage import Anonymous, Count, Outcome
from ivr.store.counts import PendingCounts
from ivr.store.erasures import Spool
from ivr.store.tables import METADATA

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PINNED = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
WANTED = [
    *PROJECT["project"]["dependencies"],
    *(each for extra in PROJECT["project"]["optional-dependencies"].values() for each in extra),
]
PRIVACY = (ROOT / "docs/privacy.md").read_text("utf-8")
TOLD = {
    "counts": "telling",
    "anonymous_counts": "telling van de anonieme tiplijn",
    "erasures": "wissen bij Twilio: wachtlijst",
    "rings": "belcontrole van contacten",
    "accounts": "accounts van de console",
    "account_municipalities": "accounts van de console",
    "passkeys": "accounts van de console",
    "links": "links en sessies van de console",
    "sessions": "links en sessies van de console",
    "handshakes": "links en sessies van de console",
    "attempts": "mislukte pogingen om in te loggen",
    "acts": "logboek van de console",
    "drafts": "concepten van de console",
    "practice_links": "oefenlinks van de console",
    "unanswered": "belcontrole zonder antwoord",
    "reminders": "wat er is gemaild",
}
"""Table → its row in docs/privacy.md."""


@pytest.mark.parametrize("file", ["Makefile", "README.md"])
def test_whoever_installs_gets_the_versions_that_were_tested(file):
    installs = re.findall(r"pip install .*", (ROOT / file).read_text("utf-8"))
    assert installs
    assert [each for each in installs if " -c constraints.txt " not in each] == []


def test_a_pinned_version_is_a_name_and_a_version_and_leads_nowhere_else():
    assert [line for line in PINNED if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


@pytest.mark.parametrize("wanted", WANTED)
def test_each_dependency_is_pinned_to_a_version_that_it_allows(wanted):
    versions = {canonicalize_name(name): version for name, version in (line.split("==") for line in PINNED)}
    requirement = Requirement(wanted)
    assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)])


def test_ruff_looks_for_what_is_unsafe_in_all_of_the_line():
    lint = PROJECT["tool"]["ruff"]["lint"]
    others = (rules for path, rules in lint["per-file-ignores"].items() if path.startswith("ivr"))
    assert {"S", "ALL"} & set(lint["select"])
    assert [
        rule for rules in (lint["ignore"], *others) for rule in rules if re.fullmatch(r"S\d*", rule)
    ] == []


def test_all_is_checked_before_a_change_lands_and_the_first_failure_hides_no_other():
    checks = (ROOT / ".ci/run").read_text("utf-8").partition("\nfailed=0\n")[2]
    script = f'set -euo pipefail; make() {{ echo "$@"; test "$1" != lint; }}; failed=0\n{checks}'
    done = subprocess.run(  # noqa: S603
        [needed("bash", "bash"), "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        ["lint", "fuzz SECONDS=60", "test", "test-slow"],
    )


def test_the_privacy_statement_tells_of_every_table_and_file_in_which_something_is_kept():
    rows = re.findall(r"^\| (.+?) \|", PRIVACY, re.MULTILINE)
    assert set(TOLD) == set(METADATA.tables)
    assert set(TOLD.values()) <= set(rows)
    assert [name for name in ("spool", "last-good.zip") if f"`{name}`" not in PRIVACY] == []


def test_the_privacy_statement_tells_what_is_in_the_spool_and_the_spool_holds_no_more(tmp_path):
    spool = Spool(tmp_path / "spool", lambda: 0.0)
    counts = PendingCounts()
    counts.add([Count("dorp", "police", Outcome.USED), Anonymous(Outcome.USED)], date(2026, 11, 24))
    spool.put(counts.close(0), "counts")
    spool.put("CA" + "0" * 32)
    row = PRIVACY.partition("\n| telling bij het stoppen (`spool`, `.counts`) | ")[2].partition(" | ")[0]
    counted, _, rest = row.partition("; van de anonieme tiplijn alleen ")
    words = {
        "dag": "day",
        "gemeente": "municipality",
        "onderdeel": "item",
        "hoe het afliep": "outcome",
        "aantal": "times",
    }
    anonymous, each = json.loads(next(spool.take_counts()))
    assert set(each) == {name for word, name in words.items() if word in counted}
    assert set(anonymous) == {"month", "outcome", "times"}
    assert rest.startswith("maand, hoe het afliep, aantal")
    assert {path.suffix for path in (tmp_path / "spool").iterdir()} == {".erasure"}
    assert "(`spool`, `.erasure`)" in PRIVACY


def test_the_line_goes_live_only_once_its_fallback_is_there_and_is_checked_after_that():
    going_live = (ROOT / "README.md").read_text("utf-8").partition("## Going live")[2].partition("\n## ")[0]
    typed = re.findall(r"^sudo -u balielijn ivr --home \S+ ([\w-]+)", going_live, re.MULTILINE)
    steps = ["fallback", "provision", "provision", "doctor", "ring-check"]
    assert [command for command in typed if command in steps] == steps
