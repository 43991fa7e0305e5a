"""The commands, as a coordinator types them."""

import json
import re
import socket
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
from support.gtts_stand_in import stand_in
from support.homes import edit, typed

from ivr.config.schema import SCHEMAS, schema
from ivr.config.shipped import shipped
from ivr.exchange.people import ScriptedCaller
from ivr.model.files import TELEPHONE
from ivr.speech.wav import as_wav

ENVIRONMENT = (
    *("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET"),
    *("IVR_PUBLIC_URL", "IVR_HOME"),
)
ACCOUNT = {"TWILIO_ACCOUNT_SID": f"AC{'0' * 32}", "TWILIO_AUTH_TOKEN": "12345"}


@pytest.fixture
def ivr(home):
    for other in ("dorp", "nacht"):
        (home.root / f"config/municipalities/{other}.yaml").unlink()

    def run(*arguments, **env):
        # Without what the machine's own environment may hold.
        env = {**dict.fromkeys(ENVIRONMENT), **env}
        return typed("--home", str(home.root), *arguments, env=env)

    return run


def test_check_says_that_all_is_well_on_a_coordinators_own_computer(ivr):
    answer = ivr("check")
    assert answer.exit_code == 0
    assert answer.output.startswith("Alles klopt: 1 gemeente, ")


def test_check_with_a_token_checks_as_serve_will(ivr, home):
    answer = ivr("check", **ACCOUNT)
    assert (answer.exit_code, "voorbeeldstad.yaml:4: fout [example-live]" in answer.output) == (1, True)
    edit(home, "example: true", "# mine")
    assert ivr("check", **ACCOUNT).output.startswith("Alles klopt: 1 gemeente, ")


def test_check_tells_that_anonymity_is_not_kept_without_an_account(ivr, home):
    edit(home, "example: true", "# mine")
    for env in ({"TWILIO_AUTH_TOKEN": "12345"}, {**ACCOUNT, "TWILIO_ACCOUNT_SID": ""}):
        answer = ivr("check", **env)
        assert answer.exit_code == 0
        assert re.search(r"config/line.yaml:\d+: let op \[anonymity-not-kept\]", answer.output)
        assert "TWILIO_ACCOUNT_SID" in answer.output


def test_check_tells_a_wrong_digit_with_place_fact_and_remedy_and_exits_with_1(ivr, home):
    edit(home, "020-000 00 02", "020-000 00 022")
    answer = ivr("check")
    assert answer.exit_code == 1
    assert "config/municipalities/voorbeeldstad.yaml:10: fout [number-invalid]" in answer.output
    assert "020-000 00 022" in answer.output
    assert "Wat u doet:" in answer.output


def test_check_answers_in_english_when_asked(ivr, home):
    edit(home, "tries: 3", "tires: 3", "config/line.yaml")
    answer = ivr("--language", "en", "check")
    assert "Did you mean tries?" in answer.output


def test_check_gives_programs_the_same_as_json(ivr, home):
    edit(home, "tries: 3", "tires: 3", "config/line.yaml")
    answer = ivr("check", "--json")
    (finding,) = json.loads(answer.output)
    assert answer.exit_code == 1
    assert set(finding) == {"file", "line", "field", "level", "code", "fact", "remedy"}
    assert (finding["file"], finding["code"]) == ("config/line.yaml", "setting-unknown")
    assert (finding["line"], finding["field"]) == (6, "tires")


def test_check_warns_of_a_recording_that_belongs_to_no_text(ivr, home):
    folder = home.audio / "recordings/nl"
    folder.mkdir(parents=True)
    (folder / "welcome.wav").write_bytes(as_wav(b"\0\1" * 8000))
    answer = ivr("check")
    assert answer.exit_code == 0
    assert "audio/recordings/nl/welcome.wav:1: let op [audio-stale]" in answer.output


def test_who_is_in_the_wrong_folder_is_told_that_alone(tmp_path):
    answer = typed("--home", str(tmp_path), "check")
    assert (answer.exit_code, "Traceback" in answer.output) == (1, False)
    assert answer.output.startswith("fout [home-wrong]\n  U staat in de verkeerde map")
    assert re.findall(r"\[([a-z-]+)\]", answer.output) == ["home-wrong"]


def test_who_tells_who_is_rung_and_why(ivr):
    answer = ivr("who", "--at", "2026-11-24T18:30")
    assert "wordt niet gebeld · buiten de uren, weer vanaf 25-11-2026 08:30" in answer.output
    assert "het piket van Veiligheid" in answer.output
    assert "0900 8844" in answer.output


@pytest.fixture
def several(home):
    """A line of three municipalities: dorp, nacht, voorbeeldstad."""
    env = dict.fromkeys(ENVIRONMENT)
    return lambda *arguments, **more: typed("--home", home.root, *arguments, env=env, **more)


WHICH = pytest.mark.parametrize("command", [("who",), ("call", "--keys", "2")], ids=lambda each: each[0])
"""The commands that are about one municipality."""


@WHICH
@pytest.mark.parametrize(("slug", "name"), [("dorp", "de balie Zorg"), ("voorbeeldstad", "functionaris")])
def test_of_several_municipalities_the_one_that_is_named_is_taken(several, command, slug, name):
    answer = several(*command, "--municipality", slug, "--at", "2026-11-24T10:00")
    assert (answer.exit_code, name in answer.output) == (0, True), answer.output


@WHICH
def test_of_several_municipalities_none_is_taken_unasked(several, command):
    answer = several(*command)
    assert answer.exit_code == 2
    assert "met --municipality: dorp, nacht, voorbeeldstad" in answer.output


@WHICH
def test_at_a_terminal_it_is_asked_which_until_the_answer_is_one(several, command, monkeypatch):
    monkeypatch.setattr("ivr.cli.common.at_terminal", lambda: True)
    answer = several(*command, "--at", "2026-11-24T10:00", input="stad\ndorp\n")
    assert (answer.exit_code, "de balie Zorg" in answer.output) == (0, True), answer.output
    listed = [line.split()[0] for line in answer.output.splitlines()[:3]]
    assert listed == ["dorp", "nacht", "voorbeeldstad"]
    assert answer.output.count("Welke gemeente?: ") == 2
    assert "stad kan hier niet." in answer.output


def test_a_municipality_that_does_not_exist_is_told_with_those_that_do(several):
    answer = several("who", "--municipality", "dorpp")
    assert answer.exit_code == 2
    assert "De gemeente dorpp is er niet. Wel: dorp, nacht, voorbeeldstad" in answer.output


def test_a_municipality_is_named_in_one_way(several):
    answer = several("who", "--municipality", "dorp", "--to", "020-000 00 01")
    assert (answer.exit_code, "Geef één van de twee" in answer.output) == (2, True)
    assert several("who", "--to", "020-000 01 01").output.startswith("gemeente Dorp")


def test_the_only_municipality_is_taken_without_a_question(ivr, monkeypatch):
    monkeypatch.setattr("ivr.cli.common.at_terminal", lambda: True)
    assert ivr("who").output.startswith("gemeente Voorbeeldstad")


def test_the_fallback_of_the_municipality_that_is_named_is_shown(several):
    answer = several("fallback", "--municipality", "dorp")
    assert (answer.exit_code, "gemeente Dorp" in answer.output) == (0, True)


def test_what_callers_of_a_closed_line_hear_is_told_once_or_for_each_municipality(several, home):
    told = several("close", "verbouwing").output.partition("Bellers horen nu:\n")[2]
    assert (len(told.splitlines()), "gemeente Dorp" in told) == (1, False)
    edit(home, "say: danger  ", "say: [of-here, danger]  ", "config/menu.yaml")
    for language in ("nl", "en"):
        path = home.root / f"prompts/{language}.yaml"
        path.write_text(path.read_text("utf-8") + "\nof-here: Dit is {municipality}.\n", "utf-8")
    told = several("close", "verbouwing").output.partition("Bellers horen nu:\n")[2].splitlines()
    assert [line.split(": ")[0].strip() for line in told] == [
        "gemeente Dorp",
        "gemeente Nacht",
        "gemeente Voorbeeldstad",
    ]


def interrupted(*_, **__):
    raise KeyboardInterrupt


def test_ctrl_c_in_a_call_by_script_hangs_up_and_tells_the_call_until_then(ivr, monkeypatch):
    steps = iter("13")
    monkeypatch.setattr(ScriptedCaller, "waits", lambda *_: next(steps, None) or interrupted())
    answer = ivr("call", "--keys", "13", "--far-end", "police=busy")
    assert answer.exit_code == 130
    assert "presses  3" in answer.output
    assert answer.output.endswith("           ends  caller\n")


@pytest.mark.parametrize(
    ("command", "place"),
    [
        (("audio", "build"), "ivr.cli.audio.build"),
        (("audio", "list"), "ivr.cli.audio.survey"),
        (("graph",), "ivr.cli.graph.draw"),
        (("check",), "ivr.cli.check.reading_of"),
        (("doctor",), "ivr.cli.doctor.examine"),
        (("report",), "ivr.cli.report.counts.by_month"),
        (("call", "--keys", "1"), "ivr.cli.call.create_app"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_ctrl_c_ends_a_command_with_a_word_and_the_code_that_shells_know(
    ivr, home, monkeypatch, command, place
):
    monkeypatch.setattr(place, interrupted)
    monkeypatch.setattr("ivr.cli.report.is_made", lambda _: True)
    answer = ivr(*command)
    assert (answer.exit_code, answer.output.endswith("Afgebroken.\n")) == (130, True), answer.output


def test_colour_is_for_a_terminal_whose_user_did_not_refuse_it(home):
    edit(home, "tries: 3", "tires: 3", "config/line.yaml")
    arguments = ["--home", home.root, "check"]
    assert "\x1b[" not in typed(*arguments, env={"NO_COLOR": None}).output
    assert "\x1b[" in typed(*arguments, env={"NO_COLOR": None}, color=True).output
    assert "\x1b[" in typed(*arguments, env={"NO_COLOR": ""}, color=True).output
    assert "\x1b[" not in typed(*arguments, env={"NO_COLOR": "1"}, color=True).output


def test_a_number_that_is_no_municipalitys_is_told_with_those_that_are(ivr):
    answer = ivr("who", "--to", "020-111 11 11")
    assert answer.exit_code == 2
    assert "Wel: 020 000 0001" in answer.output


def test_a_time_that_is_none_is_told(ivr):
    answer = ivr("who", "--at", "tomorrow")
    assert (answer.exit_code, "2026-12-25T10:00" in answer.output) == (2, True)


def test_graph_draws_every_item(ivr, home, line, tmp_path):
    picture = tmp_path / "menu.svg"
    assert ivr("graph", "--output", str(picture)).exit_code == 0
    drawn = "".join(ET.parse(picture).getroot().itertext())  # noqa: S314 - our own file
    assert [name for name in line.menu.items if name not in drawn] == []


def test_init_makes_a_home_that_stands(ivr, tmp_path):
    folder = tmp_path / "new"
    assert ivr("init", str(folder)).exit_code == 0
    assert typed("--home", str(folder), "check").exit_code == 0
    assert ivr("init", str(folder)).exit_code == 2


def test_call_speaks_the_five_steps_and_rings_the_police(ivr):
    answer = ivr("call", "--keys", "1####3")
    assert answer.exit_code == 0
    flat = " ".join(answer.output.split())
    places = [flat.index(f"Stap {step}.") for step in range(1, 6)]
    assert places == sorted(places)
    assert flat.endswith(
        "rings de politie, 0900 8844, 25 s, sees 020 000 0001 far end answer talk person ends line"
    )


def test_call_plays_a_far_end_as_told(ivr):
    answer = ivr("call", "--keys", "3", "--far-end", "police=busy,answer")
    assert " ".join(answer.output.split()).count("rings de politie") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("--keys", "1x"),
        ("--keys", "1", "--far-end", "fire=busy"),
        ("--keys", "1", "--far-end", "police=sleeps"),
        ("--keys", "1", "--at", "noon"),
        ("--keys", "1", "--to", "nobody"),
        (),
    ],
)
def test_what_call_cannot_do_is_told_and_no_traceback(ivr, arguments):
    answer = ivr("call", *arguments)
    assert answer.exit_code == 2
    assert "Fout: " in answer.output


def test_serve_does_not_start_with_an_example(ivr):
    answer = ivr("serve", TWILIO_AUTH_TOKEN="12345", IVR_PUBLIC_URL="https://line.example")
    assert (answer.exit_code, "[example-live]" in answer.output) == (1, True)


def test_serve_does_not_start_without_a_token_or_a_public_address(ivr, home):
    edit(home, "example: true", "example: false")
    answer = ivr("serve", IVR_PUBLIC_URL="https://line.example")
    assert (answer.exit_code, "TWILIO_AUTH_TOKEN" in answer.output) == (2, True)
    answer = ivr("serve", TWILIO_AUTH_TOKEN="12345")
    assert (answer.exit_code, "IVR_PUBLIC_URL" in answer.output) == (2, True)


def test_a_line_that_never_had_a_good_reading_does_not_start_and_says_why(ivr, home):
    edit(home, "tries: 3", "tries: many", "config/line.yaml")
    for arguments in (["serve", "--demo"], ["call", "--keys", "1"], ["who"], ["graph"], ["audio", "build"]):
        answer = ivr(*arguments)
        assert (answer.exit_code, "[out-of-range]" in answer.output) == (1, True)


def test_audio_build_shows_how_far_it_is_and_list_tells_what_there_is(ivr):
    with stand_in() as service:
        answer = ivr("audio", "build", IVR_GTTS_URL=service.address)
        asked = len(service.texts)
        again = ivr("audio", "build", IVR_GTTS_URL=service.address)
        assert len(service.texts) == asked
    assert (answer.exit_code, again.exit_code) == (0, 0)
    assert "Spraak maken met gtts" in answer.output
    assert "waren er al" in again.output
    listed = ivr("audio", "list").output
    assert "welcome" in listed
    assert "ontbreekt" not in listed


@pytest.mark.parametrize(
    ("text", "count"), [(None, 0), ("practice: no\n", 0), ("calls: 0\n", 0), ("calls: 2\n", 2)]
)
def test_speech_of_the_practice_sentence_is_made_in_each_language_where_there_is_a_practice_line(
    ivr, home, text, count
):
    if text:
        (home.root / TELEPHONE).write_text(text, "utf-8")
    assert ivr("audio", "list").output.count("telephone-practice") == count


def test_audio_build_says_plainly_that_the_service_is_not_there(ivr):
    with stand_in() as service:
        gone = service.address
    answer = ivr("audio", "build", IVR_GTTS_URL=gone)
    assert answer.exit_code == 1
    assert "niet te bereiken" in answer.output
    assert ivr("call", "--keys", "3").exit_code == 0  # the line goes on with Say


def test_audio_bind_binds_a_recording_and_tells_what_it_cannot(ivr, home):
    folder = home.audio / "recordings/nl"
    folder.mkdir(parents=True)
    (folder / "welcome.wav").write_bytes(b"RIFF")
    answer = ivr("audio", "bind", "nl", "welcome")
    assert (answer.exit_code, "is geen geluid" in answer.output) == (2, True)
    (folder / "welcome.wav").write_bytes(as_wav(b"\0\1" * 8000))
    assert ivr("audio", "bind", "nl", "welcome").exit_code == 0
    assert (folder / "welcome.txt").read_text("utf-8").startswith("Balielijn mensenhandel.")
    assert ivr("audio", "bind", "nl", "farewell").exit_code == 2
    assert ivr("audio", "bind", "nl", "nothing").exit_code == 2


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_editors_schemas_are_those_of_the_types(name):
    assert (shipped() / f"config/schema/{name}.json").read_text("utf-8") == schema(name)


def test_ivr_can_be_run_as_a_module_of_python():
    done = subprocess.run([sys.executable, "-m", "ivr", "--version"], capture_output=True, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IVR_PROXIES", "many"),
        ("IVR_LIMITS_URL", "nonsense://geheim@x"),
        ("IVR_DATABASE_URL", "nonsense:geheim"),
        ("IVR_STATE", "/proc/nothing"),
    ],
)
def test_serve_says_which_setting_it_cannot_use_and_shows_no_password(ivr, home, name, value):
    edit(home, "example: true", "example: false")
    answer = ivr("serve", TWILIO_AUTH_TOKEN="12345", IVR_PUBLIC_URL="https://line.example", **{name: value})
    assert (answer.exit_code, name in answer.output) == (2, True), answer.output
    assert "geheim" not in answer.output


def test_a_demo_on_a_port_that_is_taken_says_so_and_leaves_the_other_ones_token(ivr, home):
    (home.root / ".demo-token").write_text("theirs", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = ivr("serve", "--demo", "--port", str(port))
    assert (answer.exit_code, f"Poort {port} is al in gebruik" in answer.output) == (2, True)
    assert (home.root / ".demo-token").read_text("utf-8") == "theirs"


def test_the_language_may_stand_in_env_and_a_setting_set_to_nothing_is_not_set(ivr, home):
    path = home.root / ".env"
    path.touch(mode=0o600)
    path.write_text("IVR_LANGUAGE=en\n", "utf-8")
    assert "All is well" in ivr("check", IVR_LANGUAGE=None).output
    assert "Alles klopt" in ivr("--language", "nl", "check", IVR_LANGUAGE="").output
    path.write_text("IVR_LANGUAGE=fr\n", "utf-8")
    answer = ivr("check", IVR_LANGUAGE=None)
    told = "IVR_LANGUAGE: fr kan hier niet. Kies uit: 'nl', 'en'."
    assert (answer.exit_code, told in answer.output) == (2, True)


def test_what_a_scripted_call_cannot_do_is_said_in_the_coordinators_language(ivr):
    assert "Toetsen zijn" in ivr("call", "--keys", "x").output
    assert (
        "brandweer is er niet. Wel: contacts"
        in ivr("call", "--keys", "1", "--far-end", "brandweer=busy").output
    )
    assert "police=slaapt kan niet." in ivr("call", "--keys", "1", "--far-end", "police=slaapt").output


def test_the_doctor_tells_a_wrong_file_to_programs_too(ivr, home):
    edit(home, "tries: 3", "tries: many", "config/line.yaml")
    answer = ivr("doctor", "--json")
    (told,) = json.loads(answer.output)
    assert (answer.exit_code, told["examination"], told["code"]) == (1, "configuration", "out-of-range")
    assert told["fact"].startswith("config/line.yaml:6: tries: many")


def test_check_loads_nothing_that_it_does_not_need(home):
    code = (
        "import sys; from ivr.cli import main\n"
        f"try: main(['--home', {str(home.root)!r}, 'check'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'sqlalchemy', 'twilio.rest', 'requests', 'flask', 'numpy', 'alembic'}\n"
        "sys.exit(heavy & sys.modules.keys() or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
