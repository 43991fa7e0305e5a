"""The line down on purpose: callers hear so at every way to the start, and it opens again."""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
import yaml
from support.homes import NOON, typed
from support.stores import LEG, Clock, in_table, open_store
from support.web import FORM, client_of, make_app, post

from ivr import checks
from ivr.config import shapes, source
from ivr.config.live import Live
from ivr.dialogue import all_phrases, flow, menu_graph
from ivr.dialogue.call import Ask, At, Call, End, Ended, Ending, Incoming, Offer, Pressed, Ring
from ivr.exchange import grammar
from ivr.model.closure import Closure
from ivr.model.files import CLOSURE
from ivr.model.menu import Menu


@pytest.fixture(scope="session")
def closed_line(line):
    return replace(line, closure=Closure.model_construct(reason="geheim", since=NOON))


def answer(line, event, dialled="+31200000001", moment=NOON):
    return flow.answer(line, Call("+31200000199", dialled, event), moment)


def at(item, **more):
    return At("nl", item, **more)


@pytest.mark.parametrize(
    "event",
    [
        Incoming(),
        Offer(at("main")),
        Offer(at("main", silences=1)),
        Offer(at("no-longer-there")),
        Pressed(at("main"), "8"),
        Pressed(at("step-3"), "0"),
        Pressed(at("step-1"), "0"),
        Pressed(at("police", origin="main"), "*"),
        Ended(at("tip-line"), Ending.UNCLEAR),
        Ended(at("tip-line", member=0), Ending.UNREACHED),
        Offer(at("closed")),
    ],
)
def test_every_way_to_the_start_meets_the_closure(closed_line, event):
    reply = answer(closed_line, event)
    assert isinstance(reply, Ask)
    assert reply.key.item == "closed"
    assert {"closed", "numbers"} <= {phrase.prompt for phrase in reply.says}


def test_so_does_a_caller_for_whom_nobody_is_on_duty(closed_line):
    night = NOON + timedelta(hours=12)
    reply = answer(closed_line, Pressed(at("step-1"), "2"), "+31200000101", night)
    assert [phrase.prompt for phrase in reply.says[:2]] == ["nobody-until", "closed"]


def test_a_caller_in_the_middle_of_a_step_goes_on_undisturbed(closed_line):
    assert answer(closed_line, Pressed(at("step-1"), "#")).key.item == "step-2"
    assert answer(closed_line, Offer(at("step-2", silences=1))).key.item == "step-2"
    assert answer(closed_line, Pressed(at("main"), "1")).key.item == "step-1"


@pytest.mark.parametrize(("key", "number"), [("3", "+319008844"), ("4", "+318007000"), ("2", "+31200000002")])
def test_while_closed_police_tip_line_and_what_always_works_are_still_a_key_away(closed_line, key, number):
    reply = answer(closed_line, Pressed(at("closed"), key))
    assert isinstance(reply, Ring)
    assert reply.target.endpoint == number


def test_the_language_key_works_and_is_offered(closed_line):
    assert "For English, press 9." in [phrase.text for phrase in answer(closed_line, Incoming()).says]
    assert answer(closed_line, Pressed(at("closed"), "9")).key == At("en", "closed")


@pytest.mark.parametrize("counted", ["silences", "wrongs"])
def test_silence_and_wrong_keys_end_the_call_as_in_each_menu(closed_line, counted):
    last = at("closed", **{counted: closed_line.settings.tries})
    assert isinstance(answer(closed_line, Offer(last)), End)


def test_the_reason_is_never_spoken(closed_line):
    heard = [
        phrase.text for item in closed_line.menu.items for phrase in answer(closed_line, Offer(at(item))).says
    ]
    assert "geheim" not in " ".join(heard)


def test_it_opens_by_itself_and_then_the_closed_menu_is_the_start_again(closed_line):
    until = NOON + timedelta(hours=1)
    line = replace(closed_line, closure=closed_line.closure.model_copy(update={"until": until}))
    silent = Offer(at("closed", silences=2))
    assert answer(line, silent, moment=until - timedelta(seconds=1)).key.item == "closed"
    reply = answer(line, silent, moment=until)
    assert (reply.key, reply.says[0].prompt) == (at("main"), "welcome")


def test_a_closed_menu_counts_as_reached_and_must_have_the_police_like_every_menu(line):
    assert "closed" in menu_graph.reached(line.menu)
    told = yaml.safe_load(
        "{start: main, always: {}, police: {say: doubts, dial: police, unreached: farewell},"
        " main: {say: welcome, keys: {'3': {say: choose-police, go: police}}}, farewell: {say: farewell},"
        " closed: {say: numbers, keys: {'0': {say: choose-main, go: main}}}}"
    )
    menu, _ = shapes.read(source.parse(yaml.safe_dump(told), "config/menu.yaml"), Menu)
    found = checks.findings(replace(line, menu=menu), NOON, public=False)
    assert [finding.path for finding in found if finding.code == "police-far"] == [("closed",)]


def test_while_closed_a_caller_comes_to_the_closed_menu_and_the_endings_and_not_to_the_start(line):
    reached = menu_graph.reached(line.menu, closed=True)
    assert {"closed", *menu_graph.ENDINGS} <= reached
    assert line.menu.start not in reached


def test_a_call_to_the_tip_line_is_erased_while_closed_too(home, tmp_path):
    (home.root / CLOSURE).write_text("reason: Verhuizing\nsince: 2026-11-01T00:00\n", "utf-8")
    live = Live(home, lambda: NOON, public=False, erases=True)
    store = open_store(tmp_path, Clock())
    client = client_of(make_app(live, recorder=store))
    rings = post(client, "/voice/nl/closed/key", FORM | {"Digits": "4"})
    dial = grammar.read(rings.data, rings.content_type)[-1]
    post(client, dial.action, FORM | {"DialCallSid": LEG, "DialCallStatus": "completed"})
    store.flush()
    assert set(in_table(tmp_path)) == {FORM["CallSid"], LEG}


def test_what_the_closure_says_is_built_as_speech(line, closed_line):
    until = datetime(2026, 11, 27, 7, 30, tzinfo=UTC).astimezone(line.settings.timezone)
    ending = replace(line, closure=closed_line.closure.model_copy(update={"until": until}))
    built = set(all_phrases.everything(ending))
    assert set(answer(line, Incoming()).says) <= built
    for ahead in range(10):
        heard = answer(
            ending, Pressed(at("closed"), "9"), moment=max(NOON, until - timedelta(days=ahead, hours=1))
        )
        assert set(heard.says) <= built
    assert set(answer(closed_line, Incoming()).says) <= set(all_phrases.everything(line))


# The commands

FROM = re.compile(r"^since: (.*)$", re.MULTILINE)


@pytest.fixture
def ivr(home):
    return lambda *arguments: typed("--home", str(home.root), *arguments)


def heard_by(home):
    """What health and a look at the line say after the files were looked at."""
    live = Live(home, lambda: NOON, public=False)
    client = client_of(make_app(live))
    return client.get("/health").get_json(), answer(live.snapshot.line, Incoming(), moment=NOON)


def test_close_and_open_are_live_at_the_next_look_and_say_what_callers_hear(ivr, home):
    live = Live(home, lambda: NOON, public=False)
    done = ivr("close", "Nieuwe server: kast 3 # laat")
    assert (done.exit_code, "ivr open" in done.output) == (0, True)
    assert "De lijn is nu even dicht." in done.output
    assert "Nieuwe server" not in done.output
    live.refresh()
    assert live.snapshot.line.closure.reason == "Nieuwe server: kast 3 # laat"
    assert live.snapshot.line.closed(NOON)
    health, reply = heard_by(home)
    assert (health["closed"], "line-closed" in health["findings"], reply.key.item) == (True, True, "closed")
    done = ivr("open")
    assert "Balielijn mensenhandel. Bij gevaar:" in done.output
    live.refresh()
    assert live.snapshot.line.closure is None
    health, reply = heard_by(home)
    assert (health["closed"], "line-closed" in health["findings"], reply.key.item) == (False, False, "main")


def test_close_until_writes_the_clock_on_the_wall_and_leaves_nothing_else(ivr, home):
    (home.root / "config/line.yaml").chmod(0o640)
    before = set(home.root.rglob("*"))
    until = "2026-11-26T08:00"
    assert ivr("close", "Nieuwe server", "--until", until).exit_code == 0
    path = home.root / CLOSURE
    assert set(home.root.rglob("*")) - before == {path}
    assert path.stat().st_mode & 0o777 == 0o640
    written = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - text only
    told = {"reason": "Nieuwe server", "since": "2026-11-24T12:00", "until": until}
    assert written == told


def test_a_file_is_whole_or_not_there(ivr, home, monkeypatch):
    assert ivr("close", "eerst").exit_code == 0
    before = (home.root / CLOSURE).read_text("utf-8")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = ivr("close", "dan")
    assert (done.exit_code, "No space left" in done.output) == (1, True)
    assert (home.root / CLOSURE).read_text("utf-8") == before
    assert [path.name for path in (home.root / "config").iterdir() if ".part" in path.name] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("x", "--until", "2020-01-01T08:00"), "al voorbij"),
        (("x", "--until", "straks"), "2026-12-25T10:00"),
        ((" ",), "niets ingevuld"),
        (("a\x07b",), "onzichtbaar teken"),
    ],
)
def test_what_close_cannot_do_is_told_and_nothing_is_written(ivr, home, arguments, told):
    done = ivr("close", *arguments)
    assert (done.exit_code, told in done.output) == (2, True)
    assert not (home.root / CLOSURE).exists()


def test_a_closure_does_not_end_in_the_minute_in_which_it_begins(ivr, home):
    done = ivr("close", "x", "--until", "2026-11-24T12:00")
    assert (done.exit_code, "al voorbij" in done.output) == (2, True)
    assert not (home.root / CLOSURE).exists()


def test_a_menu_without_the_closed_item_is_not_closed(ivr, home):
    path = home.root / "config/menu.yaml"
    path.write_text(path.read_text("utf-8").replace("\nclosed:\n", "\nstranger-2:\n"), "utf-8")
    path.write_text(
        path.read_text("utf-8").replace(
            '"5": {say: choose-signs, go: signs}', '"5": {say: choose-signs, go: stranger-2}'
        ),
        "utf-8",
    )
    path.write_text(re.sub(r"(?s)# Uitleg\nsigns:.*?doubts:", "doubts:", path.read_text("utf-8")), "utf-8")
    done = ivr("close", "x")
    assert (done.exit_code, "geen onderdeel closed" in done.output) == (2, True)
    assert not (home.root / CLOSURE).exists()


def test_open_removes_even_a_file_that_cannot_be_read_and_tells_other_errors(ivr, home):
    (home.root / CLOSURE).write_text("reason: [", "utf-8")
    assert ivr("check").exit_code == 1
    assert ivr("open").exit_code == 0
    assert ivr("open").output.startswith("De lijn was niet dicht.")
    path = home.root / "config/line.yaml"
    path.write_text(path.read_text("utf-8").replace("tries: 3", "tries: many"), "utf-8")
    done = ivr("open")
    assert (done.exit_code, "[out-of-range]" in done.output) == (1, True)
    (home.root / CLOSURE).write_text("reason: Verhuizing\nsince: 2026-11-01T00:00\n", "utf-8")
    done = ivr("open")
    assert (done.exit_code, (home.root / CLOSURE).exists()) == (1, False)
    assert done.output.startswith("Het bestand config/closed.yaml is weg. Maar de lijn blijft dicht")


def test_check_and_who_tell_that_the_line_is_closed(ivr, home):
    (home.root / CLOSURE).write_text(
        "reason: Verhuizing\nsince: 2026-11-01T00:00\nuntil: 2026-11-02 08:00\n", "utf-8"
    )
    who = ("who", "--municipality", "voorbeeldstad", "--at")
    shut, again = (ivr(*who, f"2026-11-02T{clock}").output for clock in ("07:59", "08:00"))
    assert ("is dan dicht" in shut, "police" in shut, "FairWork" in shut) == (True, True, False)
    assert ("is dan dicht" in again, "police" in again, "FairWork" in again) == (False, True, True)
    assert "ivr open" in ivr("check").output


def test_a_new_home_is_never_closed_because_this_one_is(home, tmp_path, monkeypatch):
    (home.root / CLOSURE).write_text("reason: Verhuizing\nsince: 2026-11-01T00:00\n", "utf-8")
    monkeypatch.setattr(import_module("ivr.cli.init"), "shipped", lambda: home.root)
    assert typed("init", str(tmp_path / "new")).exit_code == 0
    assert (tmp_path / "new/config/line.yaml").exists()
    assert not (tmp_path / "new" / CLOSURE).exists()


# The live reading


def test_the_findings_change_on_the_minute_at_which_it_opens_by_itself(home):
    clock = [NOON]
    (home.root / CLOSURE).write_text("reason: x\nsince: 2026-11-24T11:00\nuntil: 2026-11-24T13:00\n", "utf-8")
    live = Live(home, lambda: clock[0], public=False)
    assert "line-closed" in {finding.code for finding in live.snapshot.findings}
    before = live.snapshot
    live.refresh()
    assert live.snapshot is before  # nothing changed, so nothing was read
    clock[0] = NOON + timedelta(hours=1)
    live.refresh()
    assert {"closure-over"} == {finding.code for finding in live.snapshot.findings} & {
        "closure-over",
        "line-closed",
    }
    assert not live.snapshot.degraded


def test_a_closure_with_an_error_keeps_the_last_good_reading(home):
    live = Live(home, lambda: NOON, public=False)
    (home.root / CLOSURE).write_text("reason: x\nsince: gisteren\n", "utf-8")
    live.refresh()
    assert live.snapshot.degraded
    assert not live.snapshot.line.closed(NOON)


def test_the_five_steps_can_be_heard_while_closed_also_by_a_stranger(closed_line):
    for caller in ("+31200000199", "anonymous"):
        reply = flow.answer(closed_line, Call(caller, "+31200000001", Pressed(at("closed"), "1")), NOON)
        assert (reply.key.item, reply.says[0].prompt) == ("step-1", "step-1")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_can_be_pressed_is_said_before_the_numbers(closed_line, language):
    says = [phrase.prompt for phrase in answer(closed_line, Offer(At(language, "closed"))).says]
    told = [prompt for prompt in says if prompt.startswith("choose")]
    assert told == ["choose-language", "choose-steps", "choose-police", "choose-tip-line"]
    assert says[says.index(told[-1]) + 1 :] == ["numbers-yourself", *["numbers"] * 3]
