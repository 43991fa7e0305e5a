"""The command `ivr`: its global options and its subcommands."""

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from ivr import translations
from ivr.cli.common import INTERRUPTED, Context, now
from ivr.cli.help import explain, speak
from ivr.config.environment import FILE, InvalidUrl, OpenToOthers, read_environment
from ivr.config.home import Home

COMMANDS: Final = {
    "account": "account",
    "audio": "audio",
    "call": "call",
    "check": "check",
    "close": "close",
    "console": "console",
    "demo": "demo",
    "doctor": "doctor",
    "fallback": "fallback",
    "graph": "graph",
    "history": "history",
    "init": "init",
    "open": "close",
    "provision": "provision",
    "remind": "remind",
    "report": "report",
    "ring-check": "ring_check",
    "serve": "serve",
    "telephone": "telephone",
    "undo": "undo",
    "who": "who",
}
"""Command → its module in ivr/cli."""

_DUTCH: Final = "nl"
_LANGUAGE: Final = "ivr.language"
"""Key of click's `Context.meta`: the language of the command."""
_HOME_OPTION: Final = click.Option(
    ["--home"], type=click.Path(file_okay=False, path_type=Path), default=".", envvar="IVR_HOME"
)
_LANGUAGE_OPTION: Final = click.Option(
    ["--language"], type=click.Choice(translations.LANGUAGES), envvar="IVR_LANGUAGE"
)
_ANYWHERE: Final = click.Command("ivr", params=[_HOME_OPTION, _LANGUAGE_OPTION], add_help_option=False)
"""Only the options that may stand anywhere."""


class Commands(click.Group):
    """The command `ivr`. Its own options may stand before and behind a subcommand; the last one counts.

    Imports the module of a subcommand only when it is used, so that `ivr serve` does not load Graphviz.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if os.environ.get("NO_COLOR"):  # https://no-color.org
            ctx.color = False
        self._speak(ctx, os.environ.get("IVR_LANGUAGE", _DUTCH))  # for an error in the next line
        given, others = self._global_options(ctx, args)
        self._speak(ctx, given.get("language") or _configured_language(given.get("home")))
        return super().parse_args(ctx, [*(f"--{name}={value}" for name, value in given.items()), *others])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            click.echo(translations.say("interrupted", ctx.meta[_LANGUAGE]), err=True)
            ctx.exit(INTERRUPTED)

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"ivr.cli.{COMMANDS[cmd_name]}")
        command = next(
            each
            for each in vars(module).values()
            if isinstance(each, click.Command) and each.name == cmd_name
        )
        explain(command, f"ivr {cmd_name}", ctx, ctx.meta.get(_LANGUAGE, _DUTCH))
        return command

    def _global_options(self, ctx: click.Context, args: list[str]) -> tuple[Mapping[str, str], list[str]]:
        """Take the options that may stand anywhere before `--`; return them and the other arguments."""
        end = args.index("--") if "--" in args else len(args)
        parser = _ANYWHERE.make_parser(ctx)
        parser.allow_interspersed_args = parser.ignore_unknown_options = True
        given, others, _ = parser.parse_args(args[:end])
        return given, [*others, *args[end:]]

    def _speak(self, ctx: click.Context, language: str) -> None:
        """Have everything that click says from now on be in a language, if it exists."""
        language = language if language in translations.LANGUAGES else _DUTCH
        ctx.meta[_LANGUAGE] = language
        speak(language)
        explain(self, "ivr", ctx, language)


def _configured_language(home: str | None) -> str:
    """Return the language in the environment or in the home's `.env`; Dutch where neither can be read."""
    folder = Path(home or os.environ.get("IVR_HOME") or ".")
    try:
        env = read_environment(folder, os.environ)
    except (OpenToOthers, InvalidUrl, OSError, ValueError):  # `main` reports it
        env = os.environ
    return env.get("IVR_LANGUAGE") or _DUTCH


@click.command(
    "ivr",
    cls=Commands,
    params=[_HOME_OPTION, _LANGUAGE_OPTION],
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)
@click.version_option(package_name="balielijn", message="%(prog)s %(version)s", prog_name="ivr")
@click.pass_context
def main(context: click.Context, home: Path, language: str | None) -> None:
    """Make the context of a command."""
    spoken = context.meta[_LANGUAGE]
    try:
        env = read_environment(home, os.environ)
    except OpenToOthers as error:
        raise click.ClickException(translations.say("env-open", spoken, file=error.path)) from None
    except PermissionError as error:
        raise click.ClickException(translations.say("env-unreadable", spoken, file=error.filename)) from None
    except UnicodeDecodeError:
        raise click.ClickException(translations.say("env-not-text", spoken, file=home / FILE)) from None
    except InvalidUrl as error:
        raise click.ClickException(translations.say("address-unreadable", spoken, name=error)) from None
    if language is None and (configured := env.get("IVR_LANGUAGE")):
        try:
            _LANGUAGE_OPTION.type.convert(configured, None, context)
        except click.BadParameter as error:
            raise click.BadParameter(error.message, param_hint="IVR_LANGUAGE") from None
    # Tests pass a clock as the object of the click context.
    context.obj = Context(Home(home), spoken, env, context.obj or now)
