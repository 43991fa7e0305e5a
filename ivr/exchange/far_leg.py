"""The leg to a far end, between picking up and being joined to the caller."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ivr.exchange.grammar import Dial, Gather, Hangup, Play, Redirect, Say, TwimlError, Verb, read
from ivr.exchange.sounds import heard
from ivr.exchange.transcript import CallEvent, FarEndHears, FarEndPresses
from ivr.exchange.wire import ReachedLine

DOCUMENTS: Final = 10
"""On this leg, at most: whoever picked up has long gone."""
_PRESSES: Final = {"answer": "1", "declines": "2"}


class _Joined(Exception):
    """The documents are done: the two can talk."""


@dataclass(slots=True)
class FarLeg:
    """Plays a document to who picked up (https://www.twilio.com/docs/voice/twiml/number#url)."""

    line: ReachedLine
    form: Mapping[str, str]
    """What is sent with each request on this leg."""
    outcome: str
    """What who picked up does: `answer`, `declines`, or `voicemail`, which presses nothing."""
    tell: Callable[[CallEvent], None]
    url: str = ""
    asked: int = 0
    pressed: bool = False

    def lead(self, base: str, address: str) -> bool:
        """Whether the two are joined in the end."""
        self.url = base
        verbs: tuple[Verb, ...] | None = self._ask(address, {})
        try:
            while verbs is not None:
                verbs = self._obey(verbs)
        except _Joined:
            return True
        return False

    def _ask(self, address: str, more: Mapping[str, str]) -> tuple[Verb, ...]:
        self.asked += 1
        if self.asked > DOCUMENTS:
            raise TwimlError(0, "a far end is asked for ever")
        self.url, answer = self.line.ask(self.line.resolve(self.url, address), {**self.form, **more})
        return read(answer.body, answer.content_type)

    def _obey(self, verbs: tuple[Verb, ...]) -> tuple[Verb, ...] | None:
        """Obey a document up to where another takes over; None where this leg hangs up."""
        for verb in verbs:
            match verb:
                case Say() | Play():
                    self._hear(verb)
                case Gather():
                    for each in verb.verbs:
                        if isinstance(each, Say | Play):
                            self._hear(each)
                    key = _PRESSES.get(self.outcome)
                    if self.pressed or key is None:
                        continue  # once is enough: who is asked again puts the receiver down
                    self.pressed = True
                    self.tell(FarEndPresses(key))
                    return self._ask(verb.action, {"Digits": key})
                case Redirect(address):
                    return self._ask(address, {})
                case Hangup():
                    return None
                case Dial():
                    raise TwimlError(12200, "a Dial in a document for a far end")
                case _:  # a Pause
                    continue
        raise _Joined

    def _hear(self, verb: Say | Play) -> None:
        self.tell(FarEndHears(heard(self.line, self.url, verb)[0]))
