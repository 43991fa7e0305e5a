"""`ivr audio`: lists and builds the speech files of the prompts."""

import time
from collections import Counter

import click

from ivr.cli.common import Context, in_context
from ivr.cli.reading import line_or_exit
from ivr.dialogue import all_phrases
from ivr.model.languages import LANGUAGES
from ivr.speech.build import BuildResult, NoSound, bind, build, sweep
from ivr.speech.engines import Engine, Espeak, Gtts
from ivr.speech.inventory import survey


@click.group()
def audio() -> None:
    """Speech files from the prompts."""


@audio.command("build")
@click.option("--engine", type=click.Choice(["gtts", "espeak"]), default="gtts", show_default=True)
@in_context
def build_(context: Context, engine: str) -> None:
    """Build the speech that is missing."""
    phrases = all_phrases.everything(line_or_exit(context))
    sweep(context.home.audio)
    label = context.say("building", engine=engine)
    with click.progressbar(phrases, label=label) as bar:  # type: click.core.ProgressBar
        outcome = build(
            phrases,
            context.home.audio,
            _engine(context, engine),
            sleep=time.sleep,
            progress=lambda _: bar.update(1),
        )
    _print_result(context, outcome)


def _engine(context: Context, name: str) -> Engine:
    return Espeak() if name == "espeak" else Gtts(context.env.get("IVR_GTTS_URL"))


def _print_result(context: Context, outcome: BuildResult) -> None:
    click.echo(context.say("built", built=outcome.built, already=outcome.already))
    for phrase, why in outcome.failed:
        click.echo(
            context.say("not-built", prompt=phrase.prompt, language=phrase.language, why=why), err=True
        )
    if outcome.unreachable:
        click.echo(context.say("unreachable"), err=True)
    if outcome.failed or outcome.unreachable:
        raise SystemExit(1)


@audio.command("list")
@in_context
def list_(context: Context) -> None:
    """Tell of each text whether it is recorded, built, stale or missing."""
    states = list(survey(all_phrases.everything(line_or_exit(context)), context.home.audio))
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
