"""Gaps: when nobody is on duty though somebody usually is. Checked against every quarter of an hour."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.model.gaps import gaps, usual
from ivr.model.hours import Span, read_span
from ivr.model.limits import HORIZON_DAYS
from ivr.model.schedule import Period, Week, Why, opening, stretches_of

ZONE = ZoneInfo("Europe/Amsterdam")
TODAY = date(2026, 11, 24)
OFFICE = (read_span("ma-vr 08:30-17:00"),)
QUARTER = timedelta(minutes=15)


def week(spans=(), *, closed=(), country=None, **dates):
    return Week(tuple(spans), frozenset(closed), country, **dates)


def away(*days):
    return tuple(Period(date.fromisoformat(first), date.fromisoformat(last)) for first, last in days)


def told(*weeks, today=TODAY):
    form = "%m-%d %H:%M"
    return [
        (gap.start.strftime(form), gap.end and gap.end.strftime(form)) for gap in gaps(weeks, today, ZONE)
    ]


def test_an_absence_that_nobody_covers_is_one_gap_from_its_first_hour_to_its_last():
    officer = week(OFFICE, country="NL", away=away(("2026-12-21", "2027-01-03")))
    # Christmas and New Year are no hours of hers, and neither are the nights: they end no gap.
    assert told(officer) == [("12-21 08:30", "12-31 17:00")]


def test_an_absence_that_somebody_covers_is_no_gap():
    officer = week(OFFICE, away=away(("2026-12-21", "2027-01-03")))
    cover = week(OFFICE, since=date(2026, 12, 21), until=date(2027, 1, 3))
    assert told(officer, cover) == []


def test_a_cover_that_begins_too_late_and_ends_too_early_leaves_two_gaps():
    officer = week(OFFICE, away=away(("2026-12-21", "2026-12-31")))
    cover = week(OFFICE, since=date(2026, 12, 22), until=date(2026, 12, 30))
    assert told(officer, cover) == [("12-21 08:30", "12-21 17:00"), ("12-31 08:30", "12-31 17:00")]


def test_what_a_cover_does_more_than_others_is_not_missed_when_it_ends():
    officer = week(OFFICE, away=away(("2026-12-21", "2027-01-03")))
    cover = week(since=date(2026, 12, 21), until=date(2027, 1, 3))
    assert told(officer, cover) == []


def test_a_number_that_changes_next_monday_is_no_gap_and_one_that_changes_too_late_is():
    old = week(OFFICE, until=date(2026, 11, 29))
    assert told(old, week(OFFICE, since=date(2026, 11, 30))) == []
    assert told(old, week(OFFICE, since=date(2026, 12, 2))) == [("11-30 08:30", "12-01 17:00")]


def test_a_first_day_that_is_given_to_the_only_contact_leaves_nobody_until_then():
    assert told(week(OFFICE, since=date(2026, 11, 30))) == [("11-24 08:30", "11-27 17:00")]


def test_an_end_without_a_successor_is_a_gap_without_an_end():
    assert told(week(OFFICE, until=date(2026, 12, 4))) == [("12-07 08:30", None)]
    assert told(week(OFFICE, until=date(2020, 12, 4))) == [("11-24 08:30", None)]


def test_hours_that_are_new_are_not_missed_before_their_first_day():
    assert told(week(OFFICE), week(since=date(2027, 1, 4))) == []


def test_hours_that_ended_long_ago_are_not_missed_any_more():
    assert told(week(OFFICE), week(until=date(2026, 9, 24))) == []
    (first, *_) = told(week(OFFICE), week(until=date(2026, 9, 25)))
    assert first == ("11-24 00:00", "11-24 08:30")


def test_a_holiday_and_a_closed_day_are_no_gap_of_who_rests_then_anyway():
    dates = away(("2026-12-24", "2026-12-26"))
    assert told(week(OFFICE, closed=[date(2026, 12, 24)], country="NL", away=dates)) == []


def test_the_end_of_a_gap_is_told_beyond_the_sixty_days():
    officer = week(OFFICE, away=away(("2027-01-18", "2027-02-26")))
    assert told(officer) == [("01-18 08:30", "02-26 17:00")]
    assert told(officer, today=date(2026, 11, 19)) == []


@pytest.mark.parametrize("day", ["2026-10-25", "2027-03-28"])
def test_the_night_that_the_clock_changes_is_as_long_as_it_really_is(day):
    """The hour that comes twice is missed twice, and the hour that does not come is not missed."""
    night = week([read_span("za-zo 00:00-06:00")], away=away((day, day)))
    (gap,) = gaps((night,), date.fromisoformat(day), ZONE)
    hours = (gap.end.astimezone(UTC) - gap.start.astimezone(UTC)) / timedelta(hours=1)
    assert hours == {"2026-10-25": 7, "2027-03-28": 5}[day]


def test_the_gaps_of_a_thousand_municipalities_are_found_in_a_moment():
    """All of them with an absence, and no two alike. On the machine of its author it takes 0.3 s."""
    sunday = frozenset({6})
    towns = [
        (
            week(OFFICE, until=TODAY - timedelta(days=number % 50), country="NL"),
            week([Span(sunday, number, 1440)]),
        )
        for number in range(1000)
    ]
    began = process_time()
    assert all(gaps(weeks, TODAY, ZONE) for weeks in towns)
    assert process_time() - began < 3


def test_days_are_inclusive_and_end_at_midnight_in_the_lines_time_zone():
    piket = week(since=date(2026, 11, 25), until=date(2026, 11, 26), away=away(("2026-11-28", "2026-11-28")))

    def at(text):
        return opening(piket, datetime.fromisoformat(text).replace(tzinfo=ZONE), ZONE)

    assert (at("2026-11-24T23:59").on, at("2026-11-25T00:00").on) == (False, True)
    assert (at("2026-11-26T23:59").on, at("2026-11-27T00:00").on) == (True, False)
    assert at("2026-11-26T12:00").until.isoformat() == "2026-11-27T00:00:00+01:00"


def test_the_reason_of_an_absence_is_told_with_its_day():
    officer = week(
        OFFICE,
        since=date(2026, 11, 26),
        until=date(2027, 1, 29),
        away=away(("2026-12-21", "2026-12-31"), ("2026-12-28", "2027-01-03"), ("2027-01-04", "2027-01-04")),
    )

    def why(text):
        duty = opening(officer, datetime.fromisoformat(text).replace(tzinfo=ZONE), ZONE)
        return duty.why, duty.day, duty.until and f"{duty.until:%m-%d %H:%M}"

    assert why("2026-11-24T10:00") == (Why.BEFORE, date(2026, 11, 26), "11-26 08:30")
    assert why("2026-12-22T10:00") == (Why.AWAY, date(2027, 1, 4), "01-05 08:30")
    assert why("2027-02-01T10:00") == (Why.OVER, date(2027, 1, 29), None)
    assert why("2026-12-19T10:00") == (Why.OUTSIDE, None, "01-05 08:30")


spans = st.builds(
    Span,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 95).map(lambda quarter: quarter * 15),
    st.integers(1, 96).map(lambda quarter: quarter * 15),
).filter(lambda span: span.start != span.end)
around = st.one_of(
    st.dates(date(2026, 10, 1), date(2027, 5, 1)), st.dates(date(2026, 10, 20), date(2026, 11, 5))
)
periods = st.tuples(around, st.integers(0, 20)).map(lambda p: Period(p[0], p[0] + timedelta(days=p[1])))
weeks = st.lists(
    st.builds(
        Week,
        st.lists(spans, max_size=2).map(tuple),
        st.frozensets(around, max_size=2),
        st.sampled_from([None, "NL"]),
        st.one_of(st.none(), around),
        st.one_of(st.none(), around),
        st.lists(periods, max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
days = st.dates(date(2026, 10, 1), date(2027, 4, 1))


@cache
def off(week, day):
    """Whether a contact rests or is absent on a day, as the coordinator's guide says it."""
    return (
        day in week.closed
        or (week.country == "NL" and not stretches_of(Week((), frozenset(), "NL"), day, ZONE))
        or (week.since is not None and day < week.since)
        or (week.until is not None and day > week.until)
        or any(period.first <= day <= period.last for period in week.away)
    )


@cache
def instant(day, minutes):
    wall = datetime.combine(day, time(), ZONE) + timedelta(minutes=minutes)
    return wall.astimezone(UTC)


def on_duty(week, quarter):
    """Whether a contact is on duty at a moment (UTC), by the calendar alone."""
    local = quarter.astimezone(ZONE)
    day, before = local.date(), local.date() - timedelta(days=1)
    if off(week, day):
        return False

    for span in week.spans or (Span(frozenset(range(7)), 0, 1440),):
        end = 1440 if span.end < span.start else span.end
        if day.weekday() in span.days and instant(day, span.start) <= quarter < instant(day, end):
            return True
        if span.end < span.start and before.weekday() in span.days and quarter < instant(day, span.end):
            return True
    return False


@settings(deadline=None, max_examples=200)
@given(weeks, days, st.integers(0, 60 * 24 * 4))
def test_at_any_moment_who_is_on_duty_is_who_the_calendar_says(contacts, today, quarter):
    moment = datetime.combine(today, time(), ZONE).astimezone(UTC) + quarter * QUARTER
    for each in contacts:
        duty = opening(each, moment, ZONE)
        assert duty.on == on_duty(each, moment)
        if duty.until is not None:
            assert on_duty(each, duty.until.astimezone(UTC)) is not duty.on


@settings(deadline=None, max_examples=40)
@given(weeks, days)
def test_every_quarter_of_the_sixty_days_is_in_a_gap_exactly_where_nobody_is_there_who_usually_is(
    contacts, today
):
    found = [
        (gap.start.astimezone(UTC), gap.end.astimezone(UTC) if gap.end else datetime.max.replace(tzinfo=UTC))
        for gap in gaps(contacts, today, ZONE)
    ]
    assert found == sorted(found)
    quarter = datetime.combine(today, time(), ZONE).astimezone(UTC)
    day, expected = None, []
    end = datetime.combine(today + timedelta(days=HORIZON_DAYS), time(), ZONE).astimezone(UTC)
    while quarter < end:
        if quarter.astimezone(ZONE).date() != day:
            day = quarter.astimezone(ZONE).date()
            expected = [each.undated() for each in usual(contacts, day)]
        somebody = any(on_duty(each, quarter) for each in contacts)
        usually = any(on_duty(each, quarter) for each in expected)
        within = any(start <= quarter < end for start, end in found)
        assert not (within and somebody), quarter
        assert within or somebody or not usually, quarter
        quarter += QUARTER
    for start, gap_end in found:
        assert any(on_duty(each.undated(), start) for each in usual(contacts, start.astimezone(ZONE).date()))
        assert start < end
        assert gap_end > start
