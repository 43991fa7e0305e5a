"""The command `ivr`: its global options and its subcommands."""

import os
from importlib import import_module
from pathlib import Path
from typing import Final

import click

from ivr import translations
from ivr.cli.common import Context, now
from ivr.config.environment import InvalidUrl, OpenToOthers, read_environment
from ivr.config.home import Home

COMMANDS: Final = {
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
    "report": "report",
    "ring-check": "ring_check",
    "serve": "serve",
    "undo": "undo",
    "who": "who",
}
"""Command → its module in ivr/cli."""

_DUTCH: Final = "nl"


class Commands(click.Group):
    """Imports the module of a command only when it is used, so that `ivr serve` does not load Graphviz."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"ivr.cli.{COMMANDS[cmd_name]}")
        return next(
            each
            for each in vars(module).values()
            if isinstance(each, click.Command) and each.name == cmd_name
        )


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    envvar="IVR_HOME",
    show_default="current folder",
    help="The folder that holds config/, prompts/ and audio/.",
)
@click.option(
    "--language",
    type=click.Choice(translations.LANGUAGES),
    envvar="IVR_LANGUAGE",
    help="The language in which findings and answers are written.  [default: IVR_LANGUAGE, or nl]",
)
@click.version_option(package_name="balielijn", prog_name="ivr")
@click.pass_context
def main(context: click.Context, home: Path, language: str | None) -> None:
    """Balielijn: a telephone line for desk clerks who suspect human trafficking."""
    error_language = language or _DUTCH
    try:
        env = read_environment(home, os.environ)
    except OpenToOthers as error:
        raise click.ClickException(translations.say("env-open", error_language, file=error.path)) from None
    except PermissionError as error:
        raise click.ClickException(
            translations.say("env-unreadable", error_language, file=error.filename)
        ) from None
    except InvalidUrl as error:
        raise click.ClickException(
            translations.say("address-unreadable", error_language, name=error)
        ) from None
    configured = env.get("IVR_LANGUAGE") or _DUTCH
    if configured not in translations.LANGUAGES:
        known = ", ".join(translations.LANGUAGES)
        raise click.BadParameter(f"'{configured}' is not one of {known}.", param_hint="IVR_LANGUAGE")
    # Tests pass a clock as the object of the click context.
    context.obj = Context(Home(home), language or configured, env, context.obj or now)
