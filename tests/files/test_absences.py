"""Contacts that come, go and are away: typed today, and happening by themselves."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from support.homes import NOON, TODAY, TOWN, alone, edit, typed

from ivr import checks, translations
from ivr.config.live import Live
from ivr.config.reading import read
from ivr.dialogue import ring_check
from ivr.model.findings import Severity
from ivr.model.schedule import Period
from ivr.twiml import fallback

PIKET = "number: 020-000 00 03\n    confirmed: 2026-11-02"
OFFICER = "ring: 20\n    confirmed: 2026-11-02"
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def town(home):
    return alone(home)


def add(home, *lines, to=PIKET):
    """Give a contact more settings."""
    edit(home, to, "\n    ".join([to, *lines]))


def found(home, moment=NOON):
    """What is found of the town: code → where, each with its severity."""
    findings = [each for each in read(home, moment).findings if each.file == TOWN]
    return {each.code: each.field for each in findings}


def test_from_until_away_and_mail_are_read_as_the_example_has_them(town):
    add(town, "from: 2027-01-04", "until: 2027-03-31", "away: [2027-01-11 - 2027-01-13, 2027-02-15]")
    edit(town, "closed: [2026-12-24]", "closed: [2026-12-24]\nmail: [coordinator@voorbeeldstad.example]")
    municipality = read(town, NOON).line.municipalities["voorbeeldstad"]
    contact = municipality.contacts[1]
    assert (contact.since, contact.until) == (date(2027, 1, 4), date(2027, 3, 31))
    assert contact.away == (
        Period(date(2027, 1, 11), date(2027, 1, 13)),
        Period(date(2027, 2, 15), date(2027, 2, 15)),
    )
    assert municipality.mail == ("coordinator@voorbeeldstad.example",)


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-21 - 2027-01-03",
        "2026-12-21-2027-01-03",
        "2026-12-21 t/m 2027-01-03",
        "2026-12-21 \u2013 2027-01-03",
    ],
)
def test_a_range_of_days_is_read_as_people_write_it(town, written):
    add(town, f"away: {written}")
    contact = read(town, NOON).line.municipalities["voorbeeldstad"].contacts[1]
    assert contact.away == (Period(date(2026, 12, 21), date(2027, 1, 3)),)


@pytest.mark.parametrize(
    "address",
    [
        *("x", "x@y", "@voorbeeldstad.example", "Jansen <j@voorbeeldstad.example>", "a..b@c.example"),
        *("a@b.example, c@d.example", "a@b.example\\nBcc: c@d.example", f"{'x' * 250}@b.example"),
        "jos\u00e9@voorbeeldstad.example",
    ],
)
def test_what_is_no_mail_address_is_found(town, address):
    edit(town, "closed: [2026-12-24]", f'mail: ["{address}"]')
    assert found(town) == {"mail-unreadable": "mail[0]"}


@pytest.mark.parametrize(
    ("lines", "code", "path"),
    [
        (["from: 2027-01-04", "until: 2027-01-03"], "until-before-from", "contacts[1].until"),
        (["until: 2026-11-23"], "until-passed", "contacts[1].until"),
        (["away: [2026-12-01, 2027-01-03 - 2026-12-21]"], "days-reversed", "contacts[1].away[1]"),
        (["away: [2026-12-01, 2026-12-32]"], "date-unreadable", "contacts[1].away[1]"),
        (["until: 2026-12-31", "away: [2026-12-21, 2027-01-01]"], "away-outside", "contacts[1].away[1]"),
        (["away: [2026-08-25]"], "away-past", "contacts[1].away[0]"),
        (["away: [2026-12-21 - 2027-01-03, 2026-12-20 - 2026-12-21]"], "away-overlap", "contacts[1].away[0]"),
        (
            ["from: 2026-12-05", "until: 2026-12-06", "hours: ma-vr 09:00-17:00"],
            "contact-unrung",
            "contacts[1]",
        ),
    ],
)
def test_days_that_cannot_be_meant_are_found_at_their_field(town, lines, code, path):
    add(town, *lines)
    assert found(town)[code] == path


@pytest.mark.parametrize(
    "lines",
    [
        ["until: 2026-11-24"],
        ["from: 2026-11-24", "until: 2026-11-24"],
        ["away: [2026-08-26]"],
        ["away: [2026-12-21 - 2026-12-24, 2026-12-25]", "hours: ma-vr 08:30-17:00"],
        ["from: 2026-12-21", "until: 2027-01-03", "away: 2027-01-01 - 2027-01-10"],
    ],
)
def test_days_that_may_well_be_meant_are_no_finding_of_their_own(town, lines):
    add(town, *lines)
    assert found(town).keys() <= {"gap", "gap-open", "gap-more"}


def _at(day, hour=0, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=ZoneInfo("Europe/Amsterdam"))


def test_a_gap_tells_from_when_to_when_in_the_lines_time_zone(town):
    add(town, "away: 2026-12-01")
    (gap, later) = [each for each in read(town, NOON).findings if each.code == "gap"]
    assert gap.values == {"since": _at(1), "until": _at(1, 8, 30)}
    assert later.values == {"since": _at(1, 17), "until": _at(2)}
    assert gap.path == ("contacts",)
    assert translations.fact(gap, "nl").startswith("Van 1-12-2026 00:00 tot 1-12-2026 08:30 wordt er niemand")


def test_more_gaps_than_anybody_reads_are_counted(town):
    add(town, "away: 2026-12-01 - 2026-12-31")
    codes = [each.code for each in read(town, NOON).findings if each.code.startswith("gap")]
    assert codes == ["gap"] * 5 + ["gap-more"]


def test_a_contact_that_is_away_is_not_said_to_have_hours_at_which_it_never_is(town):
    add(town, "away: 2026-11-24 - 2027-03-31", "hours: ma-vr 08:30-17:00")
    assert "contact-never" not in found(town)


def test_nobody_is_asked_to_check_a_number_that_is_not_rung_any_more(town):
    edit(town, PIKET, "number: 020-000 00 03\n    until: 2026-11-23")
    assert found(town).keys() & {"contact-unconfirmed", "contact-stale"} == set()
    edit(town, "example: true", "example: false")
    line = read(town, NOON).line
    assert [each.contact.number for each in ring_check.checks(line, TODAY)] == ["+31200000002"]


def test_the_fallback_holds_who_is_rung_on_the_day_it_is_made(town):
    add(town, "until: 2026-11-23")
    add(town, "from: 2026-12-01", to=OFFICER)
    made = typed("--home", town.root, "fallback", "--to", "020-000 00 01").output
    assert "het piket van Veiligheid" not in made
    assert "de aandachtsfunctionaris" not in made
    later = typed(
        "--home", town.root, "fallback", "--to", "020-000 00 01", at=datetime(2026, 12, 1, tzinfo=UTC)
    )
    assert "de aandachtsfunctionaris" in later.output


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("2026-12-01T10:00", "begint op 7-12-2026, weer vanaf 7-12-2026 00:00"),
        ("2026-12-08T10:00", "wordt gebeld · heeft dienst tot 21-12-2026 00:00"),
        ("2026-12-22T10:00", "weg tot en met 3-1-2027, weer vanaf 4-1-2027 00:00"),
        ("2027-04-01T10:00", "gestopt na 31-3-2027\n"),
    ],
)
def test_who_tells_of_an_absence_and_its_days(town, at, why):
    add(town, "from: 2026-12-07", "until: 2027-03-31", "away: [2026-12-21 - 2027-01-03]", "accept: false")
    assert why in typed("--home", town.root, "who", "--at", at).output


def test_who_says_so_in_english_too(town):
    add(town, "away: [2026-11-24 - 2027-01-03]")
    answer = typed("--home", town.root, "--language", "en", "who").output
    assert "away up to and including 3-1-2027, again from 4-1-2027 00:00" in answer


def test_time_alone_never_takes_a_reading_out_of_use(town):
    """Whatever day it becomes, what is found of first and last days and absences is a warning."""
    add(town, "from: 2026-12-01", "until: 2027-01-15", "away: [2026-12-21 - 2027-01-03]")
    add(town, "until: 2026-12-10", "away: [2026-12-02, 2026-12-03 - 2026-12-04]", to=OFFICER)
    line = read(town, NOON).line
    seen = set()
    for days in range(0, 200, 3):
        findings = checks.findings(line, NOON + timedelta(days=days), public=False)
        assert {each.code for each in findings if each.severity is Severity.ERROR} == set()
        seen |= {each.code for each in findings}
    assert seen >= {"gap", "gap-open", "until-passed", "away-past"}


def test_a_last_day_that_passes_at_midnight_is_told_by_the_reading_in_use_without_any_change(town):
    add(town, "until: 2026-11-24")
    midnight = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    now = [midnight - FIVE_MINUTES]
    live = Live(town, lambda: now[0], public=False)
    assert "until-passed" not in {each.code for each in live.snapshot.findings}
    now[0] = midnight + FIVE_MINUTES
    live.refresh()
    assert "until-passed" in {each.code for each in live.snapshot.findings}
    assert not live.snapshot.degraded


def test_a_gap_that_comes_into_view_is_told_by_the_reading_in_use_without_any_change(town):
    edit(town, PIKET, "number: 020-000 00 03\n    confirmed: 2026-11-02\n    away: 2027-01-23")
    now = [NOON]
    live = Live(town, lambda: now[0], public=False)
    assert "gap" not in {each.code for each in live.snapshot.findings}
    now[0] += timedelta(days=1)
    live.refresh()
    assert "gap" in {each.code for each in live.snapshot.findings}


def test_a_wrong_word_is_compared_with_the_words_that_a_file_has(town):
    add(town, "form: 2026-12-01")
    (finding,) = [each for each in read(town, NOON).errors if each.code == "setting-unknown"]
    assert "from" in finding.values["known"]
    assert "since" not in finding.values["known"]


def test_every_moment_has_a_way_on_also_where_everybody_is_away(town, line):
    add(town, "away: 2026-11-24 - 2026-12-31")
    add(town, "until: 2026-12-01", to=OFFICER)
    away = read(town, NOON).line
    assert list(checks.documents.every_moment_has_a_way_on(away, TODAY)) == []
    moments = checks.municipalities.moments(away.municipalities["voorbeeldstad"], away, TODAY)
    assert {"2026-12-02", "2026-11-24"} <= {f"{moment:%Y-%m-%d}" for moment in moments}
    assert fallback.document(away, away.municipalities["voorbeeldstad"])
