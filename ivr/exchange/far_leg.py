"""The far end's leg, from its answer until the two legs are bridged or it is hung up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ivr.exchange.grammar import read
from ivr.exchange.sounds import sound_of, voice_of
from ivr.exchange.transcript import FarEndEvent, FarEndHears, FarEndPresses
from ivr.exchange.verbs import Dial, Gather, Hangup, Play, Redirect, Say, TwimlError, Verb
from ivr.exchange.wire import ReachedLine

DOCUMENTS: Final = 10
"""Documents on this leg, at most. A leg that asks for more is in an endless loop."""
_KEYS: Final = {"answer": "1", "declines": "2"}
"""Outcome → the key that the far end presses at its first Gather."""


class _DocumentDone(Exception):
    """The document ended without a Hangup, so Twilio bridges the two legs."""


@dataclass(slots=True)
class FarEndLeg:
    """Runs the document of a dialled noun (https://www.twilio.com/docs/voice/twiml/number#url)."""

    line: ReachedLine
    form: Mapping[str, str]
    """The parameters that every webhook of this leg has."""
    outcome: str
    """`answer`, `declines`, or `voicemail`, which presses no key."""
    record: Callable[[FarEndEvent], None]
    url: str = ""
    """URL of the current document."""
    documents: int = 0
    """Documents requested so far."""
    pressed: bool = False
    """Whether the far end has pressed its only key."""

    def run(self, base: str, url: str) -> bool:
        """Run the document at `url`, relative to `base`; return whether the two legs are bridged.

        Raises TwimlError where Twilio would end the call.
        """
        self.url = base
        verbs: tuple[Verb, ...] | None = self._request(url, {})
        try:
            while verbs is not None:
                verbs = self._execute(verbs)
        except _DocumentDone:
            return True
        return False

    def _request(self, url: str, more: Mapping[str, str]) -> tuple[Verb, ...]:
        self.documents += 1
        if self.documents > DOCUMENTS:
            raise TwimlError(0, f"more than {DOCUMENTS} documents on the leg of a far end")
        self.url, answer = self.line.ask(self.line.resolve(self.url, url), {**self.form, **more})
        return read(answer.body, answer.content_type)

    def _execute(self, verbs: tuple[Verb, ...]) -> tuple[Verb, ...] | None:
        """Execute verbs; return those of the document that follows, or None where the leg hangs up.

        Raises _DocumentDone at the end of the document.
        """
        for verb in verbs:
            match verb:
                case Say() | Play():
                    self._hear(verb)
                case Gather():
                    for each in verb.verbs:
                        if isinstance(each, Say | Play):
                            self._hear(each)
                    key = _KEYS.get(self.outcome)
                    if self.pressed or key is None:
                        continue  # silence: the next verb follows
                    self.pressed = True
                    self.record(FarEndPresses(key))
                    return self._request(verb.action, {"Digits": key})
                case Redirect(url):
                    return self._request(url, {})
                case Hangup():
                    return None
                case Dial():
                    raise TwimlError(12200, "a Dial in a document for a far end")
                case _:  # a Pause
                    continue
        raise _DocumentDone

    def _hear(self, verb: Say | Play) -> None:
        self.record(FarEndHears(sound_of(self.line, self.url, verb)[0], voice_of(verb)))
