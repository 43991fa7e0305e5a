"""What an operator sets: the environment, and `.env` in the home, which nobody else may read."""

import re

import pytest
from support.homes import make_real, typed

from ivr import translations
from ivr.cli.common import Context
from ivr.cli.listening import proxies
from ivr.cli.main import COMMANDS
from ivr.config import environment
from ivr.config.environment import OpenToOthers, read_environment
from ivr.config.shipped import shipped


def write(home, text, mode=0o600):
    path = home.root / ".env"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def test_what_stands_in_env_is_read_as_text(home):
    write(home, "TWILIO_AUTH_TOKEN='a$b#c'\nTWILIO_API_SECRET=a${HOME}b\nIVR_PROXIES=0\n# IVR_STATE=x\n")
    assert read_environment(home.root, {}) == {
        "TWILIO_AUTH_TOKEN": "a$b#c",
        "TWILIO_API_SECRET": "a${HOME}b",
        "IVR_PROXIES": "0",
    }


def test_the_environment_itself_counts_for_more(home):
    write(home, "IVR_PUBLIC_URL=https://one.example")
    environ = {"IVR_PUBLIC_URL": "https://two.example"}
    assert read_environment(home.root, environ) == environ


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o602, 0o644])
def test_a_file_that_others_may_read_or_write_is_refused(home, mode):
    write(home, "TWILIO_AUTH_TOKEN=12345", mode)
    with pytest.raises(OpenToOthers):
        read_environment(home.root, {})


def test_the_command_says_what_to_do_about_it_and_shows_no_secret(home):
    path = write(home, "TWILIO_AUTH_TOKEN=12345", 0o644)
    answer = typed("--home", str(home.root), "check")
    assert answer.exit_code == 1
    assert f"chmod 600 {path}" in answer.output
    assert "12345" not in answer.output


def test_serve_finds_its_token_there(tmp_path):
    home = make_real(tmp_path)
    write(home, "TWILIO_AUTH_TOKEN=12345")
    answer = typed("--home", str(home.root), "serve", env={"TWILIO_AUTH_TOKEN": None, "IVR_PUBLIC_URL": None})
    assert "IVR_PUBLIC_URL" in answer.output
    assert "TWILIO_AUTH_TOKEN" not in answer.output


def test_a_file_that_may_not_be_read_is_told_with_who_may(home, monkeypatch):
    path = write(home, "TWILIO_AUTH_TOKEN=12345")

    def refused(*_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("ivr.config.environment.dotenv_values", refused)
    answer = typed("--home", str(home.root), "check")
    assert (answer.exit_code, f"U mag {path} niet lezen." in answer.output) == (1, True)


def test_one_proxy_stands_in_front_unless_something_else_is_said(home):
    assert proxies(Context(home, "nl", {})) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_does_anything_while_a_stand_ins_address_is_none(tmp_path, command):
    env = {"IVR_TWILIO_API": "localhost:4010"}
    answer = typed("--home", str(tmp_path), command, env=env)
    told = translations.say("address-unreadable", "nl", name="IVR_TWILIO_API")
    assert (answer.exit_code, answer.output) == (1, f"Fout: {told}\n")


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("report", "IVR_DATABASE_URL", "postgresql://u:ge@heim:deel2@h/x"),
        ("serve", "IVR_DATABASE_URL", "postgresql://u:ge@heim:deel2@h/x"),
        ("serve", "IVR_DATABASE_URL", "postgresql://u:ge@heim@deel2/x"),
        ("serve", "IVR_LIMITS_URL", "redis://u:ge@heim:deel2/1"),
        ("serve", "IVR_LIMITS_URL", "mongodb://u:heim@deel2/x"),
    ],
)
def test_an_address_that_cannot_be_is_told_without_any_part_of_it(tmp_path, command, name, value):
    home = make_real(tmp_path)
    env = {"TWILIO_AUTH_TOKEN": "12345", "IVR_PUBLIC_URL": "https://line.example", name: value}
    answer = typed("--home", str(home.root), command, env=env)
    assert (answer.exit_code, name in answer.output) == (2, True)
    assert not [part for part in ("ge@", "heim", "deel2") if part in answer.output]


def test_each_language_of_the_answers_is_named_where_operators_choose_it():
    of_code = re.search(r"^\| IVR_LANGUAGE \| (.+?):", environment.__doc__, re.MULTILINE)[1]
    file = (shipped() / "deploy/balielijn.env").read_text("utf-8")
    of_file = re.search(r"^# Language .*: (.+)\.\n#IVR_LANGUAGE=", file, re.MULTILINE)[1]
    assert [re.findall(r"\b[a-z]{2}\b(?<!or)", each) for each in (of_code, of_file)] == [
        list(translations.LANGUAGES)
    ] * 2
