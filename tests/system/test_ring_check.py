"""The ring check: only contacts are called, at the agreed hour, and only key 1 confirms."""

import os
import re
import shutil
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.homes import NOON, PUBLIC, TODAY, TOWN, edit, make_real, typed
from support.machines import program
from support.stores import database
from support.twilio_stand_in import stand_in
from support.web import client_of, make_app, post

from ivr.account.client import client
from ivr.cli.common import Context
from ivr.cli.ring_check import Round
from ivr.config.home import Home
from ivr.config.live import Live
from ivr.config.reading import read
from ivr.config.versions import Kind, Versions
from ivr.dialogue import all_phrases, flow
from ivr.dialogue.call import Call, RingCheck
from ivr.dialogue.ring_check import Verdict, checks, verdict
from ivr.exchange import grammar, verbs
from ivr.exchange.wire import InProcess
from ivr.model import hours
from ivr.model.limits import RING_CHECK_POLL_FAILURES
from ivr.model.municipality import Contact
from ivr.store.background import Store
from ivr.store.erasures import Spool
from ivr.store.opening import database_url, open_database
from ivr.store.unanswered import Unanswered, mark
from ivr.web.recorder import NullRecorder

AGREED = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
"""A Tuesday, half past ten in the Netherlands."""


class Memory(NullRecorder):
    def __init__(self):
        self.noted = set()

    def note_acceptance(self, token):
        self.noted.add(token)

    def taken(self, token):
        return token in self.noted and not self.noted.remove(token)


@pytest.fixture
def real_home(tmp_path):
    return make_real(tmp_path)


@pytest.fixture
def twilio(real_home):
    with stand_in() as account:
        for number in ("+31200000001", "+31200000101", "+31200000201"):
            account.add_number(number)
        account.confirmations = Memory()
        live = Live(real_home, lambda: AGREED, public=True)
        app = make_app(live, moment=AGREED, recorder=account.confirmations)
        account.wire = InProcess(app)
        yield account


def tour(twilio, home: Home, clock=lambda: AGREED, **more):
    line = read(home, NOON).line
    more = {"sleep": lambda _: time.sleep(0.005), **more}

    def current():
        return read(home, NOON).line or line

    taken = twilio.confirmations.taken
    return Round(Context(home, "nl", {}, clock), current, client(twilio.env), PUBLIC, taken, **more), line


def go(twilio, home, **more):
    """The round along all contacts; which numbers were confirmed."""
    made, line = tour(twilio, home, **more)
    found = list(checks(line, TODAY))
    return {check.contact.number for check, done in zip(found, made.run(found), strict=True) if done}


def rung(twilio):
    return [each["to"] for each in twilio.records["Calls"].values()]


def confirmed(home):
    municipalities = read(home, NOON).line.municipalities.values()
    return {each.number: each.confirmed for municipality in municipalities for each in municipality.contacts}


def test_who_presses_1_is_confirmed_today_and_nobody_else_is(twilio, real_home, capsys):
    twilio.far_end = {"+31200000002": "answer", "+31200000003": "voicemail", "+31200000102": "busy"}
    twilio.far_end["sip:zorg@dorp.example"] = "declines"
    before = (real_home.root / TOWN).read_text("utf-8")
    assert go(twilio, real_home) == {"+31200000002"}
    assert rung(twilio) == ["sip:zorg@dorp.example", "+31200000102", "+31200000002", "+31200000003"]
    days = confirmed(real_home)
    assert days.pop("+31200000002") == TODAY
    assert set(days.values()) == {date(2026, 11, 2)}
    after = (real_home.root / TOWN).read_text("utf-8")
    assert after == before.replace("confirmed: 2026-11-02  ", "confirmed: 2026-11-24  ", 1)
    assert twilio.alerts == []
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(" ")[0] for line in told] == ["1/5", "2/5", "3/5", "4/5", "5/5"]
    for line, words in zip(
        told,
        ["niet op 1 gedrukt", "in gesprek", "geen dienst", "bevestigd op 2026-11-24", "niet op 1"],
        strict=True,
    ):
        assert words in line


def test_a_confirmed_day_is_a_version_by_the_ring_check_and_what_was_there_one_by_hand(twilio, real_home):
    twilio.far_end = {**dict.fromkeys(confirmed(real_home), "busy"), "+31200000002": "answer"}
    go(twilio, real_home)
    kept = [(each.kind, each.author, each.slugs) for each in Versions(real_home).listed()]
    assert kept == [
        (Kind.RING_CHECK, "", ("voorbeeldstad",)),
        (Kind.HAND, "", ("dorp", "nacht", "voorbeeldstad")),
    ]


@pytest.mark.parametrize(
    ("outcome", "told"),
    [("no-answer", "nam niet op"), ("failed", "kon niet worden gebeld"), ("hangs-up", "niet op 1 gedrukt")],
)
def test_who_is_not_reached_is_not_confirmed_and_told_as_such(twilio, real_home, capsys, outcome, told):
    twilio.far_end = dict.fromkeys(confirmed(real_home), outcome)
    assert go(twilio, real_home) == set()
    assert capsys.readouterr().out.count(told) == 4


def test_a_contact_sees_the_municipality_and_is_called_one_after_the_other(twilio, real_home):
    make, going = twilio._call, []

    def watched(asked):
        going.append([each["status"] for each in twilio.records["Calls"].values()])
        return make(asked)

    twilio._call = watched
    go(twilio, real_home)
    assert going == [["completed"] * earlier for earlier in range(4)]
    shown = {each["to"]: each["from"] for each in twilio.records["Calls"].values()}
    assert (shown["+31200000002"], shown["+31200000102"]) == ("+31200000001", "+31200000101")
    made = [each.form for each in twilio.asked if each.method == "POST" and each.path.endswith("Calls.json")]
    assert {form["Timeout"] for form in made} == {"20", "25"}
    assert len({form["Url"] for form in made}) == 4
    assert all(re.fullmatch(PUBLIC + r"/voice/ring-check/[a-z]+/[0-9a-f]{32}", form["Url"]) for form in made)


def test_ctrl_c_hangs_up_the_telephone_that_rings_and_calls_nobody_else(twilio, real_home):
    twilio.far_end = dict.fromkeys(confirmed(real_home), "rings")

    def interrupted(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(twilio, real_home, sleep=interrupted)
    (call,) = twilio.records["Calls"].values()
    assert call["status"] == "completed"
    assert set(confirmed(real_home).values()) == {date(2026, 11, 2)}


def test_what_twilio_refuses_is_told_and_the_next_is_called(twilio, real_home, capsys):
    number = next(
        iter(
            each
            for each in twilio.records["IncomingPhoneNumbers"].values()
            if each["phone_number"] == "+31200000101"
        )
    )
    number["phone_number"] = "+31200000999"
    assert go(twilio, real_home) == {"+31200000002", "+31200000003"}
    assert capsys.readouterr().out.count("Twilio deed het niet (400: ") == 2


def test_when_twilio_goes_away_meanwhile_the_call_is_hung_up(twilio, real_home, capsys):
    twilio.far_end = dict.fromkeys(confirmed(real_home), "rings")
    looks = []

    def away_once(_):
        looks.append(1)
        if len(looks) > RING_CHECK_POLL_FAILURES:
            raise KeyboardInterrupt
        twilio.moods.append((500, {}))

    with pytest.raises(KeyboardInterrupt):
        go(twilio, real_home, sleep=away_once)
    assert "Twilio deed het niet (500" in capsys.readouterr().out
    assert [each["status"] for each in twilio.records["Calls"].values()] == ["completed", "completed"]


def test_who_pressed_1_is_confirmed_even_where_twilio_does_not_tell_how_the_call_ended(twilio, real_home):
    looks = []

    def away(_):
        twilio.hung_up()  # so key 1 was pressed
        looks.append(1)
        if len(looks) <= RING_CHECK_POLL_FAILURES:
            twilio.moods.append((500, {}))

    assert "sip:zorg@dorp.example" in go(twilio, real_home, sleep=away)
    assert len(looks) > RING_CHECK_POLL_FAILURES


def test_a_look_that_fails_once_ends_no_call(twilio, real_home):
    looks = []

    def away(_):
        looks.append(1)
        if len(looks) == 1:
            twilio.moods.append((500, {}))
        time.sleep(0.005)

    assert "+31200000002" in go(twilio, real_home, sleep=away)
    assert not [each for each in twilio.asked if each.form.get("Status") == "completed"]


def test_a_number_that_was_corrected_during_the_round_is_not_rung_as_it_was(twilio, real_home, capsys):
    def corrected(_):
        path = real_home.root / TOWN
        path.write_text(path.read_text("utf-8").replace("020-000 00 03", "020-000 00 07"), "utf-8")
        time.sleep(0.005)

    go(twilio, real_home, sleep=corrected)
    assert "+31200000003" not in rung(twilio)
    assert "intussen veranderd" in capsys.readouterr().out


def test_a_number_that_was_corrected_stays_corrected_while_another_file_has_an_error(twilio, real_home):
    made, line = tour(twilio, real_home)
    found = [check for check in checks(line, TODAY) if check.slug == "voorbeeldstad"]
    last = [line]

    def current():
        last[0] = read(real_home, NOON).line or last[0]
        return last[0]

    made = replace(made, current=current)
    going = made.run(found)
    next(going)
    edit(real_home, "020-000 00 03", "020-000 00 07")
    current()
    edit(real_home, "020-000 01 02", "020-000 01 0", "config/municipalities/dorp.yaml")
    list(going)
    assert "+31200000003" not in rung(twilio)


def test_a_day_that_was_closed_during_the_round_is_a_day_off(twilio, real_home):
    made, line = tour(twilio, real_home)
    going = made.run(list(checks(line, TODAY)))
    next(going)
    edit(real_home, "closed: [2026-12-24]", "closed: [2026-11-24, 2026-12-24]")
    list(going)
    assert "+31200000002" not in rung(twilio)


def test_when_the_agreed_hour_ends_during_the_round_nobody_else_is_called(twilio, real_home):
    clock = [AGREED.replace(minute=59) + timedelta(hours=1)]  # a minute before it ends

    def later(_):
        clock[0] += timedelta(minutes=2)
        time.sleep(0.005)

    go(twilio, real_home, clock=lambda: clock[0], sleep=later)
    assert len(rung(twilio)) == 1


def test_after_midnight_the_new_day_is_written_down(twilio, real_home):
    night = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # half past midnight in the Netherlands
    assert "+31200000003" in go(twilio, real_home, clock=lambda: night, at_once=True)
    assert "confirmed: 2026-11-25" in (real_home.root / TOWN).read_text("utf-8")


def test_a_call_that_checks_a_number_ends_by_itself_after_a_minute(twilio, real_home):
    go(twilio, real_home)
    made = [each.form for each in twilio.asked if each.method == "POST" and each.path.endswith("Calls.json")]
    assert {form["TimeLimit"] for form in made} == {"60"}


def test_a_file_that_changed_while_the_telephone_rang_is_left_alone_and_that_is_told(
    twilio, real_home, capsys
):
    path = real_home.root / TOWN

    def edited(_):
        if "+31200000002" in rung(twilio):
            path.write_text(path.read_text("utf-8").replace("020-000 00 02", "020-000 00 08"), "utf-8")
        time.sleep(0.005)

    assert go(twilio, real_home, sleep=edited) >= {"+31200000003"}
    assert f"Zet zelf in {TOWN}" in capsys.readouterr().out
    assert confirmed(real_home)["+31200000008"] == date(2026, 11, 2)


# Who is called, and when


@pytest.fixture(scope="session")
def line(line):
    """Two real municipalities, and an example."""
    towns = {
        word: each.model_copy(update={"example": word == "voorbeeldstad"})
        for word, each in line.municipalities.items()
    }
    return replace(line, municipalities=towns)


def told(line, number, moment, *, now=False):
    (check,) = (each for each in checks(line, moment.date()) if each.contact.number == number)
    why, when = verdict(line, check, moment, now=now)
    return why, when and f"{when:%a %H:%M}"


@pytest.mark.parametrize(
    ("number", "moment", "now", "why", "when"),
    [
        ("+31200000102", AGREED, False, Verdict.RING, "Tue 10:30"),
        ("+31200000102", AGREED + timedelta(hours=2), False, Verdict.HOUR, "Wed 10:00"),
        ("+31200000102", AGREED + timedelta(hours=2), True, Verdict.RING, "Tue 12:30"),
        ("+31200000102", AGREED + timedelta(hours=8), True, Verdict.DUTY, "Wed 08:00"),
        # On Friday it has no duty, and on Saturday and Sunday is no agreed hour.
        ("+31200000102", AGREED + timedelta(days=3), False, Verdict.HOUR, "Mon 10:00"),
        # On duty at night alone: never within the agreed hour.
        ("+31200000202", AGREED, False, Verdict.DUTY, None),
        ("+31200000202", AGREED, True, Verdict.DUTY, "Sat 22:00"),
    ],
)
def test_outside_the_agreed_hour_or_off_duty_nobody_is_called(line, number, moment, now, why, when):
    assert told(line, number, moment, now=now) == (why, when)


def test_a_municipality_can_agree_on_another_hour(line):
    early = hours.read_span("ma-vr 08:00-09:00")
    dorp = line.municipalities["dorp"].model_copy(update={"ring_check": early})
    line = replace(line, municipalities={"dorp": dorp})
    assert told(line, "+31200000102", AGREED) == (Verdict.HOUR, "Wed 08:00")


def test_on_a_public_holiday_nobody_is_called(line):
    christmas = datetime(2026, 12, 25, 9, 30, tzinfo=UTC)
    assert told(line, "+31200000102", christmas)[0] is Verdict.HOUR


def test_examples_are_never_called_and_who_was_confirmed_lately_need_not_be(line):
    assert {each.slug for each in checks(line, TODAY)} == {"dorp", "nacht"}
    assert list(checks(line, TODAY, older_than=23)) == []
    assert len(list(checks(line, TODAY, older_than=22))) == 3
    assert [each.slug for each in checks(line, TODAY, only=line.municipalities["nacht"])] == ["nacht"]


numbers = st.sampled_from(
    ["+319008844", "+31343578844", "+318007000", "+31207600809", "+31200000002", "sip:a@b.example"]
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


@given(st.lists(numbers, max_size=6), moments, st.booleans())
def test_the_police_the_tip_line_and_fairwork_are_never_called(line, several, moment, now):
    contacts = tuple(
        Contact.model_construct(name={"nl": "a", "en": "a"}, number=each, hours=()) for each in several
    )
    dorp = line.municipalities["dorp"].model_copy(update={"contacts": contacts})
    made = replace(line, municipalities={"dorp": dorp})
    called = [
        each.contact.number
        for each in checks(made, TODAY)
        if verdict(made, each, moment, now=now)[0] is Verdict.RING
    ]
    of_destinations = {number for each in line.settings.destinations.values() for number in each.numbers}
    assert of_destinations.isdisjoint(called)
    assert not now or called == [number for number in several if number not in of_destinations]


# What a contact hears

TOKEN_OF_A_CALL = "0123456789abcdef" * 2
PATH = f"/voice/ring-check/dorp/{TOKEN_OF_A_CALL}"
LEG = {"To": "+31200000102", "From": "+31200000101", "CallSid": f"CA{'0' * 32}", "Direction": "outbound-api"}


def app_of(shared_home, confirmations):
    live = Live(shared_home, lambda: AGREED, public=False)
    return client_of(make_app(live, moment=AGREED, recorder=confirmations))


def heard(client, path, **more):
    document = post(client, path, LEG | more)
    assert document.status_code == 200
    return grammar.read(document.data, document.content_type)


def test_a_contact_hears_who_calls_that_nothing_is_wrong_and_which_key(shared_home):
    gather, hangup = heard(app_of(shared_home, Memory()), PATH)
    text = " ".join(verb.text for verb in gather.verbs)
    for words in ("gemeente Dorp", "niets aan de hand", "alleen na of dit nummer klopt", "Kies 1"):
        assert words in text
    assert (gather.action, hangup) == (f"{PATH}/key", verbs.Hangup())


def test_what_a_contact_hears_is_built_as_speech(line):
    built = set(all_phrases.everything(line))
    for key in (None, "1", "2"):
        event = RingCheck("dorp", TOKEN_OF_A_CALL, key)
        assert set(flow.answer(line, Call("", "", event), AGREED).says) <= built


def test_key_1_is_noted_and_thanked_for(shared_home):
    memory = Memory()
    thanks, hangup = heard(app_of(shared_home, memory), f"{PATH}/key", Digits="1")
    assert thanks.text.startswith("Dank u wel.")
    assert hangup == verbs.Hangup()
    assert memory.noted == {TOKEN_OF_A_CALL}


@pytest.mark.parametrize("key", ["2", "0", "#", "9", ""])
def test_no_other_key_is_noted(shared_home, key):
    memory = Memory()
    assert heard(app_of(shared_home, memory), f"{PATH}/key", Digits=key)[-1] == verbs.Hangup()
    assert memory.noted == set()


@pytest.mark.parametrize(
    "path",
    [
        f"/voice/ring-check/nowhere/{TOKEN_OF_A_CALL}",
        "/voice/ring-check/dorp/0123",
        f"/voice/ring-check/dorp/..%2F{TOKEN_OF_A_CALL}/key",
        "/voice/ring-check/dorp",
    ],
)
def test_an_odd_address_hangs_up_in_the_end(shared_home, path):
    memory = Memory()
    assert heard(app_of(shared_home, memory), path, Digits="1")[-1] == verbs.Hangup()
    assert memory.noted == set()


def test_a_failure_inside_says_sorry_to_a_contact_and_hangs_up(shared_home):
    def broken(line, call, moment):
        raise ZeroDivisionError

    live = Live(shared_home, lambda: AGREED, public=False)
    client = client_of(make_app(live, broken, moment=AGREED))
    *says, hangup = heard(client, PATH)
    assert "Er ging iets mis" in says[0].text
    assert ({type(verb) for verb in says}, hangup) == ({verbs.Say}, verbs.Hangup())


class Away(NullRecorder):
    def note_acceptance(self, token):
        raise OSError(token)

    def taken(self, token):
        return False


@pytest.mark.parametrize("confirmations", [None, Away()], ids=["none", "away"])
def test_what_could_not_be_noted_is_asked_again_and_never_thanked_for(shared_home, confirmations, caplog):
    gather, _ = heard(app_of(shared_home, confirmations), f"{PATH}/key", Digits="1")
    assert gather.action == f"{PATH}/key"
    assert TOKEN_OF_A_CALL not in caplog.text


# The command


@pytest.fixture
def lone(real_home):
    """One municipality with one contact, always on duty."""
    for other in ("dorp", "nacht"):
        (real_home.root / f"config/municipalities/{other}.yaml").unlink()
    (real_home.root / TOWN).write_text(
        "name: gemeente Voorbeeldstad\ndialled: +31 20 000 00 01\n"
        "contacts:\n- name: het piket   # dag en nacht\n  number: 020-000 00 03\n",
        "utf-8",
    )
    return real_home


@pytest.fixture
def account(lone):
    with stand_in() as twilio:
        twilio.add_number("+31200000001")
        live = Live(lone, lambda: NOON, public=True)
        app = make_app(live, recorder=store_of(lone))
        twilio.wire = InProcess(app)
        yield twilio


def store_of(home):
    """The store as `ivr serve` opens it."""
    (home.root / "state").mkdir()
    store = Store(
        open_database(database_url(None, home.root / "state")),
        Spool(home.root / "state/spool", time.time),
        time.time,
    )
    store.flush()
    return store


@pytest.mark.slow
def test_without_a_store_to_hear_it_from_nobody_counts_as_confirmed(lone, account):
    shutil.rmtree(lone.root / "state")
    done = ring_check(lone, {**account.env, "IVR_PUBLIC_URL": PUBLIC}, "--now")
    assert (done.exit_code, "de database waarin het antwoord staat" in done.output) == (1, True)


def ring_check(home, env, *arguments):
    env = dict.fromkeys(["IVR_PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "IVR_STATE"]) | env
    return typed("--home", str(home.root), "ring-check", *arguments, env=env)


@pytest.mark.slow
def test_the_command_confirms_and_exits_with_0_and_with_1_where_somebody_did_not(lone, account):
    env = {**account.env, "IVR_PUBLIC_URL": PUBLIC}
    done = ring_check(lone, env, "--now")
    assert (done.exit_code, "1 bevestigd, 0 niet." in done.output) == (0, True)
    written = (lone.root / TOWN).read_text("utf-8")
    assert written.endswith(
        f"- name: het piket   # dag en nacht\n  number: 020-000 00 03\n  confirmed: {TODAY}\n"
    )
    account.far_end = {"+31200000003": "voicemail"}
    done = ring_check(lone, env, "--now", "--to", "020-000 00 01")
    assert (done.exit_code, "0 bevestigd, 1 niet." in done.output) == (1, True)
    done = ring_check(lone, env, "--older-than", "1")
    assert (done.exit_code, "Niemand hoeft te worden gebeld" in done.output) == (0, True)
    assert len(account.records["Calls"]) == 2


def test_the_command_exits_with_3_where_somebody_is_called_at_another_hour_and_notes_nothing(lone, account):
    """At noon the agreed hour is over: whoever reads the exit code need not be told."""
    done = ring_check(lone, {**account.env, "IVR_PUBLIC_URL": PUBLIC})
    assert (done.exit_code, "niet de afgesproken tijd" in done.output) == (3, True)
    assert Unanswered(database(lone.root / "state")).all() == {}


@pytest.mark.slow
def test_a_call_without_answer_is_noted_for_the_mail_until_somebody_confirms(lone, account):
    env = {**account.env, "IVR_PUBLIC_URL": PUBLIC}
    unanswered = Unanswered(database(lone.root / "state"))
    account.far_end = {"+31200000003": "voicemail"}
    assert ring_check(lone, env, "--now").exit_code == 1
    assert unanswered.all() == {("voorbeeldstad", mark("voorbeeldstad", "+31200000003")): TODAY}
    account.far_end = {}
    assert ring_check(lone, env, "--now").exit_code == 0
    assert unanswered.all() == {}


def test_a_dry_run_calls_nobody_and_tells_who_would_be_called_when(lone, account):
    done = ring_check(lone, {**account.env, "IVR_PUBLIC_URL": PUBLIC}, "--dry-run", "--now")
    assert (done.exit_code, done.output) == (
        0,
        "gemeente Voorbeeldstad, het piket, 020 000 0003: zou nu worden gebeld.\n",
    )
    path = lone.root / TOWN
    path.write_text(
        path.read_text("utf-8").replace(
            "  number", "  hours: [ma-zo 03:00-03:01, ma-zo 04:00-04:01]\n  number"
        ),
        "utf-8",
    )
    done = ring_check(lone, account.env, "--dry-run", "--now")
    assert "Wel: 25-11-2026 03:00." in done.output
    assert account.asked == []


def test_without_an_account_or_an_address_it_says_what_is_missing(lone):
    done = ring_check(lone, {})
    assert (done.exit_code, "IVR_PUBLIC_URL" in done.output) == (2, True)
    done = ring_check(lone, {"IVR_PUBLIC_URL": PUBLIC})
    assert (done.exit_code, "TWILIO_ACCOUNT_SID" in done.output) == (2, True)
    assert ring_check(lone, {}, "--to", "020-111 11 11").exit_code == 2


def test_a_number_that_is_a_destinations_too_is_told_and_not_called(lone, account):
    path = lone.root / TOWN
    path.write_text(path.read_text("utf-8").replace("020-000 00 03", "020-760 08 09"), "utf-8")
    done = ring_check(lone, {**account.env, "IVR_PUBLIC_URL": PUBLIC}, "--now")
    assert (done.exit_code, "ook van een bestemming" in done.output) == (1, True)
    assert account.asked == []


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("when", ["before Twilio's answer", "while it rings"])
def test_however_the_command_is_stopped_the_ringing_telephone_stops_too(lone, account, tmp_path, how, when):
    account.far_end = {"+31200000003": "rings"}
    early = when != "while it rings"
    account.moods = [1.0] if early else []
    env = {**os.environ, **account.env, "IVR_PUBLIC_URL": PUBLIC}
    command = [sys.executable, "-m", "ivr", "--home", str(lone.root), "ring-check", "--now"]
    with program(command, tmp_path / "log", env=env) as running:
        running.until(lambda: account.count("POST", "/Calls") if early else account.count("GET", "/Calls/CA"))
        running.process.send_signal(how)
        assert running.process.wait(60) == 130
        assert "Afgebroken." in running.said()
    assert [each["status"] for each in account.records["Calls"].values()] == ["completed"]
