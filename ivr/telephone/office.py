"""Leads the calls of an endpoint: each to its municipality, and to those alone who have a route."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address
from typing import Final

from ivr import translations
from ivr.config.home import Home
from ivr.config.live import Readings, Snapshot
from ivr.config.telephone import read_telephone
from ivr.exchange.call import Exchange
from ivr.exchange.sounds import Synthesiser, sound_of
from ivr.exchange.transcript import CallEnds
from ivr.exchange.verbs import Say
from ivr.exchange.wire import ReachedLine
from ivr.model.files import TELEPHONE
from ivr.model.languages import languages_from
from ivr.model.line import Line
from ivr.model.phrase import Phrase
from ivr.model.telephone import Telephone
from ivr.model.trial_call import shown_by
from ivr.telephone import routing
from ivr.telephone.endpoint import RealCall

PRACTICE: Final = "telephone-practice"
"""The sentence of ivr/translations with which a call begins that is practice."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Office:
    """The calls of one endpoint."""

    settings: Telephone
    readings: Readings
    """Of the home that knows the municipalities."""
    reach: Callable[[], ReachedLine]
    """Makes a connection to the line, for one call."""
    synthesiser: Synthesiser

    def admits(self, host: IPv4Address | None, dialled: str) -> bool:
        """Whether a call is answered. `host`, `dialled`: as of `routing.reached`."""
        found = routing.reached(self.readings.snapshot.line, self.settings, host, dialled)
        return isinstance(found, routing.Reached)

    def lead(self, call: RealCall) -> None:
        """Lead a call to its end. Raises HungUp where the caller hangs up before the line speaks."""
        snapshot = self.readings.snapshot
        found = routing.reached(snapshot.line, self.settings, call.host, call.to)
        if isinstance(found, routing.Refused):
            return
        reached = self.reach()
        if self.settings.practice:
            for phrase in practice(snapshot.line):
                call.caller.hears(*self._sound(snapshot, reached, phrase), listening=False)
        exchange = Exchange(
            reached,
            call.far_ends(partial(routing.target, self.settings)),
            {},
            shown_by(found.municipality),
            self.synthesiser,
        )
        *_, end = exchange.call(found.from_, found.to, call.caller)
        if isinstance(end, CallEnds) and end.by == "fault":
            # The code alone: the rest of the error may name a number.
            _log.error("a call ended with error %s", end.why.partition(":")[0])

    def _sound(
        self, snapshot: Snapshot, reached: ReachedLine, phrase: Phrase
    ) -> tuple[str, bytes | None, float]:
        """Return the sound of a phrase, as `sound_of` does: its clip, or else what the synthesiser makes."""

        def clip_or_made(say: Say) -> bytes:
            clip = snapshot.clips.find(phrase)
            return (clip and snapshot.clips.wav([clip.name])) or self.synthesiser(say)

        say = Say(phrase.text, snapshot.line.settings.voices[phrase.language])
        return sound_of(reached, "", say, clip_or_made)


def practice(line: Line) -> Iterator[Phrase]:
    """Yield what is said before all else of a call that is practice, in the line's first language first."""
    for language in languages_from(line.settings.language):
        yield Phrase(PRACTICE, language, translations.say(PRACTICE, language))


def practice_of(home: Home, line: Line) -> Iterator[Phrase]:
    """Yield the same where the home has a practice line, so that its sound can be built with the others'."""
    settings, _ = read_telephone(home, line)
    if settings and settings.practice and (home.root / TELEPHONE).exists():
        yield from practice(line)
