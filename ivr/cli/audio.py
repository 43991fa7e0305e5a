"""`ivr audio`: lists and builds the speech files of the prompts."""

import os
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from ivr.cli.common import Context, in_context
from ivr.cli.reading import line_or_exit
from ivr.dialogue import all_phrases
from ivr.model.languages import LANGUAGES
from ivr.model.phrase import Phrase
from ivr.speech.build import BuildResult, NoSound, bind, build, sweep
from ivr.speech.engines import Engine, Espeak, Gtts
from ivr.speech.inventory import survey
from ivr.speech.piper import Piper, VoiceRefused, beside_python, voices_of
from ivr.speech.sounds import ENGINES
from ivr.telephone.office import practice_of


@click.group()
def audio() -> None:
    """Speech files from the prompts."""


@audio.command("build")
@click.option("--engine", type=click.Choice(ENGINES), default="gtts", show_default=True)
@click.option("--voice", "voices", type=click.Path(path_type=Path), multiple=True)
@in_context
def build_(context: Context, engine: str, voices: tuple[Path, ...]) -> None:
    """Build the speech that is missing."""
    phrases = _phrases(context)
    if engine != Piper.name and voices:
        raise click.UsageError(context.say("voice-without-piper"))
    if engine == Piper.name:
        spoken = _voices(context, voices)
        maker: Engine = Piper(spoken, _program(context))
        without = [each for each in phrases if each.language not in spoken]
        phrases = [each for each in phrases if each.language in spoken]
    else:
        maker = Espeak() if engine == Espeak.name else Gtts(context.env.get("IVR_GTTS_URL"))
        without = []
    sweep(context.home.audio)
    label = context.say("building", engine=engine)
    with click.progressbar(phrases, label=label) as bar:  # type: click.core.ProgressBar
        outcome = build(
            phrases,
            context.home.audio,
            maker,
            sleep=time.sleep,
            progress=lambda _: bar.update(1),
        )
    for language, count in Counter(each.language for each in without).items():
        click.echo(context.say("no-voice", language=language, count=count))
    _print_result(context, outcome, engine)


def _phrases(context: Context) -> list[Phrase]:
    """Return all phrases that callers hear, at Twilio and at real telephones."""
    line = line_or_exit(context)
    return [*all_phrases.everything(line), *practice_of(context.home, line)]


def _voices(context: Context, files: tuple[Path, ...]) -> Mapping[str, Path]:
    """Return language → voice. Files that piper cannot use end the program."""
    if not files:
        raise click.UsageError(context.say("voice-missing"))
    try:
        return voices_of(files)
    except VoiceRefused as error:
        raise click.BadParameter(context.say(error.why, file=error.file), param_hint="--voice") from None


def _program(context: Context) -> Path:
    """Return where piper is. If it is not there, the program ends."""
    program = Path(context.env.get("IVR_PIPER") or beside_python())
    if not (program.is_file() and os.access(program, os.X_OK)):
        raise click.ClickException(context.say("piper-missing", file=program))
    return program


def _print_result(context: Context, outcome: BuildResult, engine: str) -> None:
    click.echo(context.say("built", built=outcome.built, already=outcome.already))
    for phrase, why in outcome.failed:
        click.echo(
            context.say("not-built", prompt=phrase.prompt, language=phrase.language, why=why), err=True
        )
    if outcome.unreachable:
        name = "piper-failed" if engine == Piper.name else "unreachable"
        click.echo(context.say(name, why=outcome.unreachable), err=True)
    if outcome.failed or outcome.unreachable:
        raise SystemExit(1)


@audio.command("list")
@in_context
def list_(context: Context) -> None:
    """Tell of each text whether it is recorded, built, stale or missing."""
    states = list(survey(_phrases(context), context.home.audio))
    for state in states:
        stale = f" ({context.say('stale')})" if state.stale else ""
        text = (
            state.phrase.text if len(state.phrase.text) <= _SHOWN else f"{state.phrase.text[: _SHOWN - 2]} …"
        )
        kind = context.say(f"clip-{state.kind}")
        click.echo(f"{state.phrase.language}  {state.phrase.prompt:<20}  {kind:<11}{stale}  {text}")
    counts = Counter(context.say(f"clip-{state.kind}") for state in states)
    click.echo("\n" + ", ".join(f"{count} {kind}" for kind, count in counts.items()))


_SHOWN = 60
"""Characters of a text on the screen, at most."""


@audio.command("bind")
@click.argument("language", type=click.Choice(list(LANGUAGES)))
@click.argument("prompt")
@in_context
def bind_(context: Context, language: str, prompt: str) -> None:
    """Bind a recording to the text of today."""
    spoken = {
        phrase.text
        for phrase in all_phrases.everything(line_or_exit(context))
        if (phrase.language, phrase.prompt) == (language, prompt)
    }
    if len(spoken) != 1:
        name = "spoken-in-ways" if spoken else "no-such-prompt"
        raise context.refuse("prompt", name, prompt=prompt, language=language)
    text = spoken.pop()
    try:
        bind(context.home.audio, language, prompt, text)
    except FileNotFoundError as error:
        raise context.refuse("prompt", "no-recording", file=error) from None
    except NoSound as error:
        raise context.refuse("prompt", "no-sound", file=error) from None
    click.echo(context.say("bound", prompt=prompt, text=text))
