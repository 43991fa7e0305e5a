"""When somebody is on duty."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from ivr.model.hours import Span, read_span
from ivr.model.schedule import Week, Why, opening

ZONE = ZoneInfo("Europe/Amsterdam")
OFFICE = Week((read_span("ma-vr 08:30-17:00"),), frozenset({date(2026, 12, 24)}), "NL")
NIGHT = Week((read_span("za-zo 22:00-02:30 (nacht)"),), frozenset(), None)


def at(text, week=OFFICE):
    return opening(week, datetime.fromisoformat(text).replace(tzinfo=ZONE), ZONE)


def test_hours_are_read_as_people_write_them():
    assert read_span("ma-vr 08:30-17:00") == Span(frozenset(range(5)), 510, 1020)
    assert read_span("Maandag, wo 9.00 - 12.30") == Span(frozenset({0, 2}), 540, 750)
    assert read_span("sat-mon 00:00-24:00") == Span(frozenset({5, 6, 0}), 0, 1440)


@pytest.mark.parametrize(
    "text", ["ma-vr", "08:30-17:00", "ma 25:00-26:00", "ma 8:60-9:00", "", "xx 8:00-9:00"]
)
def test_hours_that_mean_nothing_are_refused(text):
    with pytest.raises(PydanticCustomError):
        read_span(text)


def test_the_first_minute_is_in_and_the_last_is_out():
    assert not at("2026-11-24T08:29:59").on
    assert at("2026-11-24T08:30").on
    assert at("2026-11-24T16:59:59").on
    assert not at("2026-11-24T17:00").on


def test_until_is_the_next_opening_over_weekend_and_holidays():
    assert at("2026-11-24T19:00").until.isoformat() == "2026-11-25T08:30:00+01:00"
    # Christmas 2026: the 24th is closed, the 25th and 26th are holidays, then it is Sunday.
    assert at("2026-12-23T17:00").until.isoformat() == "2026-12-28T08:30:00+01:00"


def test_the_reason_is_told():
    assert at("2026-12-24T10:00").why is Why.CLOSED
    assert at("2026-12-25T10:00").why is Why.HOLIDAY
    assert at("2026-11-24T19:00").why is Why.OUTSIDE
    assert at("2026-11-24T10:00").why is Why.HOURS
    assert opening(Week((), frozenset(), None), datetime(2026, 11, 24, tzinfo=UTC), ZONE).why is Why.ALWAYS


@pytest.mark.parametrize(
    "day", ["2027-01-01", "2027-03-28", "2027-03-29", "2027-04-27", "2027-05-06", "2027-05-17"]
)
def test_dutch_holidays_are_days_off(day):
    assert not at(f"{day}T10:00", Week((read_span("ma-zo 00:00-24:00"),), frozenset(), "NL")).on


def test_a_span_past_midnight_belongs_to_the_day_it_began():
    assert at("2026-11-28T23:00", NIGHT).on
    assert at("2026-11-29T02:00", NIGHT).on
    assert at("2026-11-30T02:00", NIGHT).on
    assert not at("2026-12-01T02:00", NIGHT).on


def test_the_night_that_summer_time_ends_half_past_two_ends_duty_the_first_time():
    assert opening(NIGHT, datetime.fromisoformat("2026-10-25T02:29:00+02:00"), ZONE).on
    assert not opening(NIGHT, datetime.fromisoformat("2026-10-25T02:31:00+02:00"), ZONE).on
    assert not opening(NIGHT, datetime.fromisoformat("2026-10-25T02:15:00+01:00"), ZONE).on


def test_the_night_that_summer_time_begins_the_hour_that_is_not_there_is_passed_over():
    assert opening(NIGHT, datetime.fromisoformat("2027-03-28T01:59:00+01:00"), ZONE).on
    assert not opening(NIGHT, datetime.fromisoformat("2027-03-28T03:30:00+02:00"), ZONE).on


spans = st.builds(
    Span,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439),
    st.integers(1, 1440),
).filter(lambda span: span.start != span.end)
weeks = st.builds(
    Week,
    st.lists(spans, max_size=3).map(tuple),
    st.frozensets(st.dates(), max_size=3),
    st.sampled_from([None, "NL"]),
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))


@given(weeks, moments)
def test_until_is_where_duty_really_changes(week, moment):
    duty = opening(week, moment, ZONE)
    if duty.until is not None:
        assert duty.until > moment
        assert opening(week, duty.until, ZONE).on is not duty.on
        assert opening(week, duty.until - timedelta(seconds=1), ZONE).on is duty.on


@pytest.mark.parametrize(
    "word", ["werkdagje", "weekendje", "doordeweekse", "maand", "elke-dag", "dinsdags", "zon"]
)
def test_a_word_that_begins_like_a_day_is_no_day(word):
    with pytest.raises(PydanticCustomError) as refused:
        read_span(f"{word} 08:30-17:00")
    assert refused.value.type == "day-unknown"


@pytest.mark.parametrize("word", ["do", "donderdag", "th", "thu", "thursday", "Donderdag"])
def test_a_day_is_known_by_each_of_its_names(word):
    assert read_span(f"{word} 08:30-17:00").days == {3}
