"""The help and the errors of the commands: all in one language, which the person chose."""

import ast
import re
from pathlib import Path

import click
import pytest
from support.homes import typed

from ivr import translations
from ivr.cli import help as help_
from ivr.cli.main import COMMANDS, main
from ivr.exchange.people import OUTCOMES
from ivr.translations import LANGUAGES, _words

CLICK = Path(click.__file__).parent
UNUSED = {"shell_completion", "_termui_impl"}
"""Modules of click of which no command uses what they say: completion of bash, and an editor."""
ENGLISH = r"Usage|Options|Commands|Error|Show |Try |default|required|Invalid|No such|Missing|OPTIONS|ARGS"
"""Words of click's own English."""
FRAMES = {
    "nl": ("Zo typt u het: ivr", "Meer uitleg: ivr", "Fout: "),
    "en": ("Usage: ivr", "Try 'ivr", "Error: "),
}
SUBCOMMANDS = [("audio", "build"), ("audio", "list"), ("audio", "bind")]
TYPED = [(), *((name,) for name in COMMANDS), *SUBCOMMANDS]
every_command = pytest.mark.parametrize("command", TYPED, ids=" ".join)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def said_by_click():
    """Module of click → the texts that it has looked up."""
    for file in CLICK.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "ngettext"}:
                for each in node.args:
                    if isinstance(each, ast.Constant):
                        yield file.stem, each.value


def braces(text):
    return set(re.findall(r"\{(\w+)", text))


def parameters(command, ctx, typed_as):
    yield from ((typed_as, each) for each in command.get_params(ctx))
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            yield from parameters(command.get_command(ctx, name), ctx, f"{typed_as} {name}")


@every_command
@every_language
def test_the_help_of_a_command_is_in_one_language(command, language):
    shown = typed(*command, "--help", "--language", language)
    assert shown.exit_code == 0
    assert shown.output.startswith(f"{FRAMES[language][0]} {' '.join(command)}".rstrip())
    paragraph = translations.help_of(" ".join(("ivr", *command)), language).split("\n")[0]
    assert " ".join(paragraph.split()) in " ".join(shown.output.split())
    if language != "en":
        assert re.findall(ENGLISH, shown.output) == []


@every_language
def test_every_option_is_explained_and_every_value_has_a_name(language):
    ctx = click.Context(main, help_option_names=["--help"])
    ctx.meta["ivr.language"] = language
    help_.explain(main, "ivr", ctx, language)
    for typed_as, each in parameters(main, ctx, "ivr"):
        assert getattr(each, "help", "argument"), (typed_as, each.opts)
        flag = getattr(each, "is_flag", False) or getattr(each, "is_eager", False)
        assert flag or isinstance(each.type, click.Choice) or each.metavar, (typed_as, each.opts)


def test_the_languages_explain_the_same_commands_and_options():
    for part in ("help", "metavars"):
        assert {frozenset(_words(language)[part]) for language in LANGUAGES} == {
            frozenset(_words("nl")[part])
        }


@every_language
def test_no_line_of_the_list_of_commands_is_cut_off(language):
    assert "..." not in typed("--help", "--language", language).output.partition("\n\n")[2]


@every_language
def test_what_a_far_end_can_do_is_told(language):
    told = translations.help_of("ivr call --far-end", language)
    assert [outcome for outcome in OUTCOMES if not re.search(rf"\b{outcome}\b", told)] == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_whatever_click_says_has_words_in_every_language(language):
    own = translations.of_click(language)
    texts = {text for module, text in said_by_click() if module not in UNUSED}
    assert own.keys() == texts
    assert [text for text in texts if not braces(own[text]) <= braces(text)] == []


def test_every_module_of_click_that_says_something_is_translated():
    assert {module for module, _ in said_by_click()} - UNUSED == {
        module.__name__.rpartition(".")[2] for module in help_.MODULES
    }


@every_language
@pytest.mark.parametrize(
    "command",
    [
        ("fly",),
        ("who", "--too", "x"),
        ("who", "--to"),
        ("who", "extra"),
        ("close",),
        ("serve", "--port", "eight"),
        ("serve", "--port", "0"),
        ("audio", "sing"),
        ("audio", "build", "--engine", "choir"),
        ("check", "--json=yes"),
        ("graph", "--output", "."),
        ("check", "--home", __file__),
    ],
    ids=" ".join,
)
def test_a_command_that_cannot_be_is_told_in_the_language_of_its_help(command, language):
    answer = typed("--language", language, *command)
    assert answer.exit_code == 2
    *_, error = answer.output.strip().splitlines()
    assert error.startswith(FRAMES[language][2]), answer.output
    if len(answer.output.splitlines()) > 1:
        assert answer.output.startswith(FRAMES[language][0])
        assert FRAMES[language][1] in answer.output
        assert "--help" in answer.output
    if language != "en":
        assert re.findall(ENGLISH, answer.output) == []


@pytest.mark.parametrize(
    ("command", "env", "file"),
    [
        (["--language", "en", "who", "--help"], {}, ""),
        (["who", "--language", "en", "--help"], {}, ""),
        (["who", "--help", "--language=en"], {}, ""),
        (["--language", "nl", "who", "--help", "--language", "en"], {}, ""),
        (["who", "--help"], {"IVR_LANGUAGE": "en"}, ""),
        (["who", "--help"], {}, "IVR_LANGUAGE=en\n"),
        (["who", "--help", "--language", "en"], {"IVR_LANGUAGE": "nl"}, "IVR_LANGUAGE=nl\n"),
    ],
)
def test_the_language_is_that_of_the_option_or_the_environment_or_the_home(command, env, file, tmp_path):
    settings = tmp_path / ".env"
    settings.touch(mode=0o600)
    settings.write_text(file, "utf-8")
    env = {"IVR_LANGUAGE": None, "IVR_HOME": str(tmp_path), **env}
    assert typed(*command, env=env).output.startswith("Usage: ivr who")
    assert typed("who", "--help", env={"IVR_LANGUAGE": None, "IVR_HOME": None}).output.startswith("Zo typt u")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"IVR_TWILIO_API=no\n", b"IVR_LANGUAGE=fr\n"])
@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_settings_that_cannot_be_used_keep_nobody_from_the_help_and_are_told_to_whoever_needs_them(
    content, mode, tmp_path
):
    (tmp_path / ".env").write_bytes(content)
    (tmp_path / ".env").chmod(mode)
    assert typed("--home", tmp_path, "--help").exit_code == 0
    answer = typed("--home", tmp_path, "who", env={"IVR_LANGUAGE": None})
    assert (answer.exit_code in {1, 2}, "Fout: " in answer.output) == (True, True), answer.output


@every_command
def test_the_home_may_stand_before_or_behind_every_command_and_the_last_one_counts(command, tmp_path):
    """Shown by a setting of that home that no command takes."""
    settings = tmp_path / ".env"
    settings.touch(mode=0o600)
    settings.write_text("IVR_TWILIO_API=localhost:4010\n", "utf-8")
    told = translations.say("address-unreadable", "nl", name="IVR_TWILIO_API")
    other = tmp_path / "other"
    command = command or ("who",)
    for arguments in (
        ("--home", tmp_path, *command),
        (*command, "--home", tmp_path),
        (*command, f"--home={tmp_path}"),
        ("--home", other, *command, "--home", tmp_path),
        (*command, "--home", other, "--home", tmp_path),
    ):
        answer = typed(*arguments, env={"IVR_HOME": str(other)})
        assert (answer.exit_code, answer.output) == (1, f"Fout: {told}\n"), arguments
    answer = typed("--home", tmp_path, *command, "--home", other, "--nothing")
    assert told not in answer.output


def test_behind_two_dashes_the_home_is_a_word_like_any_other(home):
    answer = typed("--home", home.root, "close", "--", "--home")
    assert (answer.exit_code, "--home" in (home.root / "config/closed.yaml").read_text("utf-8")) == (0, True)
