"""The far end's leg, from its answer until the two legs are bridged or it is hung up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ivr.exchange.leg import Leg
from ivr.exchange.people import Person
from ivr.exchange.sounds import Synthesiser
from ivr.exchange.transcript import FarEndEvent, FarEndHears, FarEndPresses
from ivr.exchange.verbs import Dial, TwimlError
from ivr.exchange.wire import ReachedLine

DOCUMENTS: Final = 10
"""Documents on this leg, at most."""


def far_leg(
    line: ReachedLine,
    person: Person,
    parameters: Mapping[str, str],
    record: Callable[[FarEndEvent], None],
    synthesiser: Synthesiser | None = None,
) -> Leg:
    """Return the leg on which a dialled noun's document asks who picked up.

    Twilio bridges the two legs where it ends without a Hangup
    (https://www.twilio.com/docs/voice/twiml/number#url). `parameters`: those of every webhook of this leg.
    """
    return Leg(line, person, _FarEndWitness(record), lambda: parameters, _refuse, DOCUMENTS, synthesiser)


def _refuse(dial: Dial) -> Mapping[str, str]:
    del dial
    raise TwimlError(12200, "a Dial in a document for a far end")


@dataclass(frozen=True, slots=True)
class _FarEndWitness:
    """Records the events of a far end's leg. Its silence is none: the document goes on, and tells."""

    record: Callable[[FarEndEvent], None]

    def hears(self, text: str, voice: str) -> None:
        self.record(FarEndHears(text, voice))

    def presses(self, key: str) -> None:
        self.record(FarEndPresses(key))

    def silent(self, seconds: int) -> None:
        """Record nothing."""
