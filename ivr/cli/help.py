"""The help of the commands, and what click itself says, in the language of the command.

click takes its own texts from gettext. Its catalogues follow LANG, not `--language`, and are binary files.
So the two functions by which click's modules look up a text are replaced by look-ups in ivr/translations.
"""

from typing import Final

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

from ivr import translations

MODULES: Final = (core, decorators, exceptions, formatting, parser, termui, types)
"""The modules of click that look up what they say."""


def speak(language: str) -> None:
    """Have click say its own texts in a language, from now on in this process."""
    texts = translations.of_click(language)

    def one(text: str) -> str:
        return texts.get(text, text)

    def one_or_several(single: str, several: str, number: int) -> str:
        return one(single if number == 1 else several)

    for module in MODULES:
        vars(module).update(_=one, ngettext=one_or_several)


def explain(command: click.Command, typed: str, ctx: click.Context, language: str) -> None:
    """Give a command, its options and its subcommands their help in a language.

    `typed`: how the command is typed, as `ivr audio build`. `ctx`: of the command, or of the one above it.
    """
    command.help = translations.help_of(typed, language)
    command.options_metavar = translations.metavar("options", language)
    for parameter in command.get_params(ctx):
        name = max(parameter.opts, key=len) if isinstance(parameter, click.Option) else str(parameter.name)
        own = f"{typed} {name}"
        if isinstance(parameter, click.Option):
            parameter.help = translations.help_of(own, language) or translations.help_of(name, language)
        parameter.metavar = translations.metavar(own, language) or translations.metavar(name, language)
    if isinstance(command, click.Group):
        command.subcommand_metavar = str(translations.metavar("command", language))
        for name, subcommand in command.commands.items():
            explain(subcommand, f"{typed} {name}", ctx, language)
