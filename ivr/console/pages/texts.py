"""What the line says, for managers: each text in its place, heard as a caller hears it, and changed."""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from http import HTTPStatus

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ivr import translations
from ivr.config.editing import Unwritable
from ivr.config.editing.prompts import with_prompt
from ivr.config.restoring import new_errors
from ivr.console.context import outside
from ivr.console.forms import FieldError, see_other, typed
from ivr.console.phone_lines import LIVE, line_of, phone_lines
from ivr.console.phone_sounds import Busy, sound_of
from ivr.console.publishing import FileChange, Outcome, tell, write
from ivr.console.texts.calls import ChangedCalls, changed_calls
from ivr.console.texts.recordings import Recording
from ivr.console.texts.speech import speech, speech_of
from ivr.console.trying import tried
from ivr.console.words import language, language_names, say
from ivr.disk.reading import read
from ivr.model import files
from ivr.model.findings import Finding, Severity
from ivr.model.limits import FILE_BYTES, SAY_CHARACTERS
from ivr.model.line import Line
from ivr.report.prompt_places import groups, items_of
from ivr.store.acts import Action

pages = Blueprint("texts", __name__)

Answer = str | BaseResponse


@dataclass(frozen=True, slots=True)
class Review:
    """A changed text, looked at before it is published."""

    language: str
    words: str
    base: str
    """Digest of the file to which the text belongs."""
    old: str = ""
    errors: list[FieldError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    calls: ChangedCalls = field(default_factory=ChangedCalls)
    checked: bool = False
    """Whether it may be published."""


@pages.get("/teksten")
def texts() -> str:
    line = line_of(LIVE, "")
    if line is None:
        return render_template("texts_none.html")
    return render_template(
        "texts.html",
        groups=groups(line),
        prompts=line.prompts,
        speech=speech(line),
        states=state_words(),
        languages_of=_languages(line),
    )


@pages.get("/teksten/<prompt>")
def prompt(prompt: str) -> str:
    return prompt_page(line_with(prompt), prompt)


@pages.get("/teksten/<prompt>/<code>/geluid.wav")
def sound(prompt: str, code: str) -> Response:
    """Answer with one of the phrases that are made of a prompt, as a caller hears it."""
    line = line_with(prompt, code)
    phrases = speech_of(line, code, prompt).phrases
    place = request.args.get("n", 0, type=int)
    if not 0 <= place < len(phrases):
        abort(HTTPStatus.NOT_FOUND)
    try:
        wav = sound_of(code, phrases[place].text, phone_lines().clips())
    except Busy:
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    return Response(wav, mimetype="audio/wav")


@pages.post("/teksten/<prompt>/<code>")
def change(prompt: str, code: str) -> Answer:
    line = line_with(prompt, code)
    words = " ".join(typed("words", SAY_CHARACTERS + 1).split())
    try:
        content = read(outside().home.root / files.prompts(code), FILE_BYTES)
    except OSError:
        return _again(line, prompt, Review(code, words, ""), "texts.unread")
    review = Review(code, words, _digest(content), _old(line, prompt, code))
    if words == review.old:
        return _again(line, prompt, review, "texts.unchanged")
    try:
        changed = with_prompt(content.decode(), prompt, words).encode()
    except (Unwritable, UnicodeError):
        return _again(line, prompt, review, "texts.unwritable")
    review, then = _reviewed(prompt, review, changed)
    wanted = request.form.get("do") == "publish" and not review.errors
    if not wanted or typed("checked") != _seen(review):
        return prompt_page(line, prompt, _with_calls(review, line, then))
    file = files.prompts(code)
    outcome = write(
        FileChange(
            file=file,
            text=changed,
            action=Action.TEXT,
            object=f"{code}/{prompt}",
            expected={file: content},
            reason=say("texts.reason", prompt=prompt),
        )
    )
    if not outcome.is_written:
        return _again(
            line,
            prompt,
            _with_calls(review, line, then),
            "texts.outdated" if outcome is Outcome.OUTDATED else "texts.unwritten",
        )
    tell(outcome)
    return see_other("texts.prompt", prompt=prompt)


def line_with(prompt: str, code: str | None = None) -> Line:
    """Return the line as callers hear it. Aborts with 404 where it has no such prompt or language."""
    line = line_of(LIVE, "")
    codes = list(line.prompts) if line else []
    if line is None or (code is not None and code not in codes):
        abort(HTTPStatus.NOT_FOUND)
    if prompt not in line.prompts[code or codes[0]]:
        abort(HTTPStatus.NOT_FOUND)
    return line


def recording_of(prompt: str, code: str) -> Recording:
    return Recording(outside().state, outside().home.audio, code, prompt)


def state_words() -> dict[str, str]:
    """Return the words for each state of a prompt's speech."""
    return {
        "recorded": say("texts.recorded"),
        "built": say("texts.built"),
        "missing": say("texts.missing"),
        "partly": say("texts.partly"),
        "stale": say("texts.stale"),
        "unheard": say("texts.unheard"),
    }


def prompt_page(
    line: Line,
    prompt: str,
    review: Review | None = None,
    recording_error: tuple[str, FieldError] | None = None,
) -> str:
    """`recording_error`: the language of a recording that was refused, and why."""
    found = {code: speech_of(line, code, prompt) for code in line.prompts}
    tried = {
        code: (phrase := each.recordable) is not None
        and recording_of(prompt, code).heard(phrase.text) is not None
        for code, each in found.items()
    }
    return render_template(
        "text.html",
        prompt=prompt,
        texts={code: prompts[prompt] for code, prompts in line.prompts.items()},
        items=items_of(line).get(prompt, ()),
        speech=found,
        tried=tried,
        states=state_words(),
        review=review,
        recording_error=recording_error,
        checked=_seen(review) if review else "",
        languages_of=_languages(line),
    )


def _languages(line: Line) -> dict[str, str]:
    """Return code → name of each language that callers can hear, in that language."""
    known = language_names()
    return {code: known.get(code, code) for code in line.prompts}


def _again(line: Line, prompt: str, review: Review, word: str) -> str:
    """Show the page with what is wrong at the field."""
    name = f"words-{review.language}"
    review.errors.insert(0, FieldError(name, say(word)))
    return prompt_page(line, prompt, review)


def _reviewed(prompt: str, review: Review, changed: bytes) -> tuple[Review, Line | None]:
    """Read the home with the changed file. Return also the line that it makes, if there is no error."""
    file, name = files.prompts(review.language), f"words-{review.language}"
    try:
        trial = tried(file, changed)
    except OSError:
        errors, warnings, new = [FieldError(name, say("texts.unread"))], [], None
    else:
        then = trial.after
        about = [each for each in then.findings if each.file == file and each.path[:1] == (prompt,)]
        new_ones = [each for each in new_errors(trial.before, then) if each not in about]
        wrong = [each for each in about if each.severity is Severity.ERROR]
        errors = [FieldError(name, _told(each)) for each in (*wrong, *new_ones)]
        if trial.unproven:
            errors.append(FieldError(name, say("texts.unproven")))
        warnings = [_told(each) for each in about if each.severity is not Severity.ERROR]
        new = then.line
    seen = replace(review, errors=errors, warnings=warnings, checked=not errors)
    return seen, None if errors else new


def _with_calls(review: Review, line: Line, then: Line | None) -> Review:
    """Play the calls that a text changes. `then`: the line with that text."""
    if then is None:
        return review
    clock = outside().clock()
    return replace(review, calls=changed_calls(line, then, review.language, clock, outside().make_line))


def _told(finding: Finding) -> str:
    return f"{translations.fact(finding, language())} {translations.remedy(finding, language())}"


def _old(line: Line, prompt: str, code: str) -> str:
    return " ".join(line.prompts[code][prompt].split())


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _seen(review: Review) -> str:
    """Return what says that exactly this text was looked at, on exactly this file."""
    return _digest(f"{review.base} {review.language} {review.words}".encode()) if review.checked else ""
