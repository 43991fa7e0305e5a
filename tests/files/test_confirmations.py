"""A number that changed while the day of its check did not is told, until somebody checked it."""

from datetime import timedelta

import pytest
from support.homes import NOON, TOWN, alone, contact, edit, typed

from ivr.config.last_good import LastGood
from ivr.config.live import Live

OLD, NEW, NEWER = "020-000 00 03", "020-000 00 07", "020-000 00 08"
CHECKED, TODAY = "confirmed: 2026-11-02", "confirmed: 2026-11-24"
CHANGED = (TOWN, "number-changed", "contacts[1].confirmed")


@pytest.fixture
def state(home):
    path = home.root / "state"
    path.mkdir()
    return path


@pytest.fixture
def live(home, state):
    return started(home, state)


def started(home, state, moment=NOON):
    return Live(home, lambda: moment, public=False, last_good=LastGood(state))


def told(live):
    live.look()
    return [(f.file, f.code, f.field) for f in live.snapshot.findings if f.code == "number-changed"]


def last_confirmed(home, day):
    """Change the day of the last contact alone."""
    path = home.root / TOWN
    before, _, after = path.read_text("utf-8").rpartition(CHECKED)
    path.write_text(f"{before}{day}{after}", "utf-8")


def test_a_number_that_changed_alone_is_live_and_told_at_its_day(live, home):
    edit(home, OLD, NEW)
    assert told(live) == [CHANGED]
    assert contact(live) == "+31200000007"


@pytest.mark.parametrize("day", [TODAY, ""])
def test_it_is_told_until_its_day_is_another_or_gone(live, home, day):
    edit(home, OLD, NEW)
    assert told(live) == [CHANGED]
    edit(home, "gemeente Voorbeeldstad", "gemeente Anders")
    assert told(live) == [CHANGED]
    last_confirmed(home, day)
    assert told(live) == []


def test_it_is_told_after_a_restart_and_by_another_process_and_by_check(live, home, state):
    edit(home, OLD, NEW)
    assert told(live) == [CHANGED]
    assert told(started(home, state)) == [CHANGED]
    alone(home)
    assert "[number-changed]" in typed("--home", home.root, "check").output


def test_check_tells_it_before_the_line_has_looked(live, home):
    edit(home, OLD, NEW)
    answer = typed("--home", home.root, "check")
    assert answer.exit_code == 0
    assert f"{TOWN}:18: let op [number-changed]" in answer.output


def test_a_second_change_is_told_as_the_first_was(live, home):
    edit(home, OLD, NEW)
    assert told(live) == [CHANGED]
    edit(home, NEW, NEWER)
    assert told(live) == [CHANGED]


def test_the_old_number_put_back_is_what_it_was(live, home):
    edit(home, OLD, NEW)
    assert told(live) == [CHANGED]
    edit(home, NEW, OLD)
    assert told(live) == []


def test_a_contact_that_was_copied_with_its_day_is_told(live, home):
    edit(home, "closed: ", f"  - name: de derde\n    number: {NEW}\n    {CHECKED}\nclosed: ")
    assert told(live) == [(TOWN, "number-changed", "contacts[2].confirmed")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"number: {OLD}", 'number: "0031 20 0000003"'),
        (f"number: {OLD}\n    {CHECKED}", f"number: {NEW}\n    {TODAY}"),
        (f"number: {OLD}\n    {CHECKED}", f"number: {NEW}\n    confirmed: 2026-11-23"),
        ("name: gemeente Voorbeeldstad", "name: gemeente Anders"),
    ],
    ids=["another spelling", "checked today", "checked another day", "another name"],
)
def test_what_is_no_unchecked_number_is_not_told(live, home, old, new):
    edit(home, old, new)
    assert told(live) == []


def test_contacts_in_another_order_are_the_same_contacts(live, home):
    path = home.root / TOWN
    head, first, second = path.read_text("utf-8").split("  - name:")
    second, closed = second.split("closed:")
    path.write_text(f"{head}  - name:{second}  - name:{first}closed:{closed}", "utf-8")
    assert told(live) == []


def test_who_changes_a_number_on_the_day_of_its_check_is_believed_the_day_after_too(home, state):
    last_confirmed(home, TODAY)
    live = started(home, state)
    edit(home, OLD, NEW)
    assert told(live) == []
    assert told(started(home, state, NOON + timedelta(days=1))) == []


@pytest.mark.parametrize("content", [b"", b"PK", b"\xff" * 100])
def test_what_was_kept_and_is_damaged_keeps_no_file_from_being_read(live, home, state, content):
    (state / "last-good.zip").write_bytes(content)
    edit(home, OLD, NEW)
    assert told(live) == [CHANGED]
    assert contact(started(home, state)) == "+31200000007"
