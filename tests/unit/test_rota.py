"""Who is rung in the coming days, before and after a change."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.model.municipality import Municipality
from ivr.model.schedule import opening
from ivr.report.rota import DAYS, compared, differences

ZONE = ZoneInfo("Europe/Amsterdam")
SETTINGS = SimpleNamespace(timezone=ZONE, holidays="NL")
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
OFFICE = {"name": "de balie", "number": "020-760 08 01", "hours": "ma-vr 08:30-17:00"}
ALWAYS = {"name": "het piket", "number": "020-760 08 02"}


def town(*contacts, **more):
    return Municipality.model_validate(
        {"name": "Stad", "dialled": "020-760 08 09", "contacts": contacts, **more}
    )


def changes(now, then, moment=NOON):
    return compared(now, then, SETTINGS, moment, "nl")


def names(people):
    return [name for name, _ in people]


def test_the_first_moment_is_now_and_the_last_ends_after_the_days():
    found = changes(town(OFFICE, ALWAYS), town(ALWAYS))
    assert found[0].moment == NOON
    assert found[-1].until == NOON.astimezone(ZONE).replace(day=8, month=12)
    assert DAYS == 14


def test_it_changes_when_somebody_comes_or_goes():
    first, second, *_ = changes(town(OFFICE, ALWAYS), town(OFFICE, ALWAYS))
    assert names(first.before) == ["de balie", "het piket"]
    assert (second.moment.hour, names(second.before)) == (17, ["het piket"])
    assert not first.differs


def test_another_number_is_a_difference_and_so_is_another_order():
    other = {**OFFICE, "number": "020-760 08 03"}
    assert changes(town(OFFICE), town(other))[0].differs
    assert changes(town(OFFICE, ALWAYS), town(ALWAYS, OFFICE))[0].differs


def test_what_differs_alike_is_told_once_with_all_its_moments():
    other = {**OFFICE, "number": "020-760 08 03"}
    (found,) = differences(changes(town(OFFICE), town(other)))
    assert len(found.moments) == 11  # today, and ten working days
    assert found.moments[1] == datetime(2026, 11, 25, 8, 30, tzinfo=ZONE)


def test_a_municipality_that_is_not_there_yet_rings_nobody():
    first, *_ = changes(None, town(ALWAYS))
    assert (first.before, names(first.after)) == ((), ["het piket"])


@pytest.mark.parametrize("day", [date(2026, 10, 25), date(2027, 3, 28)])
@given(minutes=st.integers(0, 14 * 24 * 60 - 1))
def test_at_any_moment_those_are_told_who_are_on_duty(day, minutes):
    """Also over both changes of the clock."""
    night = {**OFFICE, "hours": ["za-zo 22:00-02:30 (nacht)", "ma-vr 08:30-17:00"]}
    now = town(night, {**ALWAYS, "until": str(day)}, closed=str(day))
    start = datetime(day.year, day.month, day.day - 3, 12, tzinfo=ZONE)
    found = changes(now, now, start)
    moment = datetime.fromtimestamp(start.timestamp() + minutes * 60, ZONE)
    told = next((each for each in reversed(found) if each.moment.timestamp() <= moment.timestamp()), None)
    expected = [each.name["nl"] for each in now.contacts if opening(now.week(each, "NL"), moment, ZONE).on]
    assert names(told.before) == expected
