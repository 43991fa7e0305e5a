"""One leg of a call: a person hears what documents say, and presses the keys that lead to others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, assert_never

from ivr.exchange.grammar import read
from ivr.exchange.people import Person
from ivr.exchange.sounds import Synthesiser, sound_of, voice_of
from ivr.exchange.verbs import Dial, Gather, Hangup, Pause, Play, Redirect, Say, TwimlError, Verb
from ivr.exchange.wire import ReachedLine

REDIRECTS: Final = 10
"""Consecutive redirects, at most. The next one ends the call."""


class Witness(Protocol):
    """Receives what happens on one leg. Each method may raise HungUp."""

    def hears(self, text: str, voice: str) -> None:
        """The line begins to speak. `voice`: of a Say; empty where it names none, and for a Play."""

    def presses(self, key: str) -> None:
        """The person pressed a key."""

    def silent(self, seconds: int) -> None:
        """The person pressed no key until a Gather timed out."""


@dataclass(slots=True)
class Leg:
    """Executes documents as Twilio does, until one ends or hangs up."""

    line: ReachedLine
    person: Person
    witness: Witness
    parameters: Callable[[], Mapping[str, str]]
    """Makes the parameters that each webhook of this leg has."""
    dial: Callable[[Dial], Mapping[str, str]]
    """Executes a Dial; returns the parameters for its `action`."""
    most: int
    """Documents, at most. A leg that asks for more is in an endless loop."""
    synthesiser: Synthesiser | None = None
    """Makes the sound of a Say; with None a Say has no sound."""
    url: str = ""
    """URL of the current document; relative URLs are resolved against it."""
    documents: int = 0
    """Documents requested so far."""
    _redirects: int = 0
    """Redirects since the last Dial, or the last Gather that requested its action."""
    _hung_up: bool = False
    _sounds: dict[Say | Play, tuple[str, bytes | None, float]] = field(default_factory=dict)
    """Verb → its text, WAV file and length in seconds."""

    def run(self, url: str) -> bool:
        """Execute the document at `url` and those that it leads to.

        Returns whether the last one ended without a Hangup. Raises HungUp, and TwimlError where Twilio would
        end the call.
        """
        verbs: tuple[Verb, ...] | None = self._request(url, {})
        while verbs is not None:
            verbs = self._execute(verbs)
        return not self._hung_up

    def _request(self, url: str, more: Mapping[str, str]) -> tuple[Verb, ...]:
        self.documents += 1
        if self.documents > self.most:
            raise TwimlError(0, f"more than {self.most} documents")
        parameters = {**self.parameters(), **more}
        self.url, answer = self.line.ask(self.line.resolve(self.url, url), parameters)
        return read(answer.body, answer.content_type)

    def _execute(self, verbs: tuple[Verb, ...]) -> tuple[Verb, ...] | None:
        """Execute verbs; return those of the document that follows, or None where none does."""
        for verb in verbs:
            match verb:
                case Say() | Play() | Pause():
                    self._speak(verb, listening=False)
                case Gather():
                    pressed = self._gather(verb)
                    if pressed is not None or verb.action_on_empty_result:
                        self._redirects = 0
                        return self._request(verb.action, {"Digits": pressed or ""})
                case Redirect(url):
                    self._redirects += 1
                    if self._redirects > REDIRECTS:
                        raise TwimlError(0, f"more than {REDIRECTS} redirects")
                    return self._request(url, {})
                case Dial():
                    self._redirects = 0
                    ended = self.dial(verb)
                    if verb.action:
                        return self._request(verb.action, ended)
                case Hangup():
                    self._hung_up = True
                    return None
                case _:
                    assert_never(verb)
        return None

    def _speak(self, verb: Say | Play | Pause, *, listening: bool) -> str | None:
        """Let the person hear a verb. Return the key pressed meanwhile; None where not `listening`."""
        if isinstance(verb, Pause):
            return self.person.hears("", None, verb.length, listening=listening)
        text, wav, seconds = self._sound(verb)
        self.witness.hears(text, voice_of(verb))
        return self.person.hears(text, wav, seconds, listening=listening)

    def _sound(self, verb: Say | Play) -> tuple[str, bytes | None, float]:
        """Return text, WAV file and seconds of a verb. Each file is fetched once per leg."""
        if verb not in self._sounds:
            self._sounds[verb] = sound_of(self.line, self.url, verb, self.synthesiser)
        return self._sounds[verb]

    def _gather(self, verb: Gather) -> str | None:
        """Execute a Gather. Return the keys pressed, without `finish_on_key`; None if there are none."""
        for each in verb.verbs:
            # Twilio fetches all files of a Gather before it plays the first.
            if not isinstance(each, Pause):
                self._sound(each)
        pressed = ""
        for each in verb.verbs:
            key = self._speak(each, listening=True)
            if key:
                pressed = key
                self.witness.presses(key)
                break
        while not (pressed and (len(pressed) == verb.num_digits or pressed[-1] == verb.finish_on_key)):
            key = self.person.waits(verb.timeout)
            if key is None:
                break
            pressed += key
            self.witness.presses(key)
        if not pressed:
            self.witness.silent(verb.timeout)
        return pressed.removesuffix(verb.finish_on_key) or None
