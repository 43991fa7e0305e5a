"""Decides what a caller hears and who is rung."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from ivr.dialogue import hunt_group
from ivr.dialogue.call import (
    Ask,
    At,
    Call,
    CallerEvent,
    End,
    Ended,
    Ending,
    Event,
    Incoming,
    Join,
    Offer,
    PickedUp,
    Pressed,
    Question,
    Reply,
    Ring,
    RingCheck,
    Target,
)
from ivr.dialogue.prompts import ACCEPT_KEY, BACK_KEY, Speaker
from ivr.model import limits
from ivr.model.fields import LANGUAGE_KEY
from ivr.model.languages import LANGUAGES, languages_from, next_language
from ivr.model.line import Line
from ivr.model.menu import CLOSED, CONTACTS, FAREWELL, STRANGER, UNKNOWN_LINE, Item
from ivr.model.municipality import Municipality
from ivr.model.phrase import Phrase


def answer(line: Line, call: Call, moment: datetime) -> Reply:
    """Answer one webhook. `moment` is aware; nothing but the arguments decides."""
    match call.event:
        case PickedUp() as event:
            return _question(line, event)
        case RingCheck() as event:
            return _ring_check(line, event)
        case Incoming() | Offer() | Pressed() | Ended() as event:
            return _answer_caller(line, call, event, moment)
        case _:
            assert_never(call.event)


def _answer_caller(line: Line, call: Call, event: CallerEvent, moment: datetime) -> Reply:
    municipality = line.municipality_dialled(call.dialled)
    if municipality is None or municipality.shown is None:
        return _outside(line, UNKNOWN_LINE, None)
    if not municipality.forwards(call.caller):
        return _outside(line, STRANGER, municipality)
    return _Visit(line, municipality, moment, call.full).answer(event)


def apology(line: Line, event: Event) -> Reply:
    """When an answer could not be made: say sorry and the public numbers, and go on to the start.

    A failure that lasts counts as silence, so that it ends with a farewell and not in a circle.
    """
    match event:
        case Offer(at) | Pressed(at, _) | Ended(at, _):
            pass
        case Incoming() | PickedUp() | RingCheck():
            at = At(line.settings.language, "")
        case _:
            assert_never(event)
    language = at.language if at.language in LANGUAGES else line.settings.language
    start = At(language, line.menu.start, silences=at.silences)
    speaker = Speaker(line, language)
    says = (speaker.say("apology"), *speaker.numbers())
    if isinstance(event, RingCheck):
        return End(says, ())
    if at.silences >= line.settings.tries:
        return End(says, ())
    return Ask(
        says, line.settings.silence, key=start, silence=replace(start, silences=at.silences + 1), visited=()
    )


def _outside(line: Line, item: str, municipality: Municipality | None) -> End:
    """For who is not put through: the public numbers, in every language in turn."""
    item = item if item in line.menu.items else FAREWELL
    says = [
        phrase
        for language in languages_from(line.settings.language)
        for phrase in Speaker(line, language, municipality).item(line.menu.items[item])
    ]
    return End(tuple(says), (item,))


def _question(line: Line, event: PickedUp) -> Reply:
    """Ask a contact who picks up to press 1. A wrong key is asked about once more; silence is no."""
    if event.key == ACCEPT_KEY:
        return Join()
    municipality = line.municipalities.get(event.municipality)
    asked = event.asked + (event.key is not None)
    if municipality is None or asked >= limits.PICKUP_TRIES:
        return End((), ())
    question = Speaker(line, line.settings.language, municipality).question()
    return Question((question,), limits.PICKUP_SECONDS, PickedUp(event.municipality, asked))


def _ring_check(line: Line, event: RingCheck) -> Reply:
    """Ask a contact to press 1 where the number is right; silence ends that call."""
    municipality = line.municipalities.get(event.municipality)
    if municipality is None:
        return End((), ())
    speaker = Speaker(line, line.settings.language, municipality)
    if event.key is None:
        return Question((speaker.ring_check(),), limits.PICKUP_SECONDS, event)
    thanks = "ring-check-thanks" if event.key == ACCEPT_KEY else "ring-check-other"
    return End((speaker.say(thanks),), ())


@dataclass(frozen=True, slots=True)
class _Visit:
    """One webhook of a caller who may be put through."""

    line: Line
    municipality: Municipality
    moment: datetime
    full: frozenset[str]
    """Numbers of contacts that are rung by as many other callers as may at once."""

    def answer(self, event: CallerEvent) -> Reply:
        match event:
            case Incoming():
                return self._start(self.line.settings.language)
            case Offer(at):
                return self._offer(self._known(at))
            case Pressed(at, key):
                return self._pressed(self._known(at), key)
            case Ended(at, ending):
                return self._ended(self._known(at), ending)
            case _:
                assert_never(event)

    def _known(self, at: At) -> At:
        """An address may be older than the menu: what is no longer there leads to the start."""
        language = at.language if at.language in LANGUAGES else self.line.settings.language
        if at.item not in self.line.menu.items:
            return At(language, self.line.menu.start)
        return replace(at, language=language)

    def _start(self, language: str) -> Reply:
        return self._arrive(At(language, self.line.menu.start))

    def _arrive(self, at: At, before: tuple[Phrase, ...] = (), visited: tuple[str, ...] = ()) -> Reply:
        """Bring the caller to an item, and through those that only say something and go on."""
        at = self._met(at)
        item = self.line.menu.items[at.item]
        visited = (*visited, at.item)
        if item.dial is not None:
            return self._ring(at, item, before, visited)
        speaker = self._speaker(at.language)
        said, choices = speaker.menu(at.item)
        if at.item == CLOSED:
            # What she can press comes first: the numbers behind it take half a minute.
            said, choices = (*self._closure(speaker), *choices), said
        says = (*before, *said)
        if item.go is not None:
            return self._arrive(replace(at, item=item.go), says, visited)
        if item.keys is None:
            return End(says, visited)
        return self._ask(at, (*says, *choices), visited)

    def _met(self, at: At) -> At:
        """What stands at the start now: `closed` takes its place, and gives it back."""
        place = CLOSED if self.line.closed(self.moment) else self.line.menu.start
        return At(at.language, place) if at.item in {CLOSED, self.line.menu.start} - {place} else at

    def _closure(self, speaker: Speaker) -> tuple[Phrase, ...]:
        """That the line is closed, and until when where that is known."""
        if self.line.closure is None:
            return ()
        zone = self.line.settings.timezone
        return (speaker.closed(self.line.closure.until, self.moment.astimezone(zone)),)

    def _ask(self, at: At, says: tuple[Phrase, ...], visited: tuple[str, ...]) -> Ask:
        return Ask(
            says,
            seconds=self.line.settings.silence,
            key=at,
            silence=replace(at, silences=at.silences + 1),
            visited=visited,
        )

    def _offer(self, at: At) -> Reply:
        """Offer a menu: the first time whole, after silence or a wrong key its choices alone."""
        return self._again(at) if at.silences or at.wrongs else self._arrive(at)

    def _again(self, at: At, *before: Phrase) -> Reply:
        if self._met(at) != at:
            return self._arrive(at, before)
        item = self.line.menu.items[at.item]
        if max(at.silences, at.wrongs) >= self.line.settings.tries:
            return self._arrive(At(at.language, FAREWELL), before)
        if item.keys is None:
            return self._arrive(replace(at, silences=0, wrongs=0), before)
        _, choices = self._speaker(at.language).menu(at.item)
        return self._ask(at, (*before, *choices), ())

    def _pressed(self, at: At, key: str) -> Reply:
        item = self.line.menu.items[at.item]
        if key == LANGUAGE_KEY:
            return self._arrive(replace(at, language=next_language(at.language), silences=0, wrongs=0))
        if item.dial is not None:
            return self._pressed_while_announced(at, item, key)
        way = self.line.menu.ways(item).get(key)
        if way is None:
            speaker = self._speaker(at.language)
            return self._again(replace(at, wrongs=at.wrongs + 1), speaker.say("wrong-key"))
        return self._arrive(At(at.language, way, origin=at.item))

    def _pressed_while_announced(self, at: At, item: Item, key: str) -> Reply:
        if key == BACK_KEY:
            return self._arrive(self._known(At(at.language, at.origin)))
        way = self.line.menu.ways(item).get(key, at.item)
        if way == at.item:
            # The key that brought her here, or one without a meaning: she wants to get on.
            return self._ring(at, item, (), (), announce=False)
        return self._arrive(At(at.language, way, origin=at.origin))

    def _ended(self, at: At, ending: Ending) -> Reply:
        item = self.line.menu.items[at.item]
        match ending:
            case Ending.TALKED:
                return End((), ())
            case Ending.UNREACHED if item.dial is not None:
                return self._ring(replace(at, link=at.link + 1), item, (), ())
            case Ending.UNREACHED | Ending.UNCLEAR:
                return self._start(at.language)
            case _:
                assert_never(ending)

    def _ring(
        self,
        at: At,
        item: Item,
        before: tuple[Phrase, ...],
        visited: tuple[str, ...],
        *,
        announce: bool = True,
    ) -> Reply:
        """Ring the first of the chain from `at.link` on who is on duty; say so when nobody is left."""
        links = hunt_group.members(self.line, self.municipality, item, at.language)
        full = self.full if item.dial == CONTACTS else frozenset()
        place = next(
            (
                n
                for n, link in enumerate(links)
                if n >= at.link and link.address not in full and link.duty(self.moment).on
            ),
            None,
        )
        if place is None:
            somebody = at.link > 0 or any(link.duty(self.moment).on for link in links)
            if item.unreached is not None and somebody:
                return self._arrive(At(at.language, item.unreached), before, visited)
            return self._nobody(at, links, before, visited)
        link = links[place]
        speaker = self._speaker(at.language)
        says = (
            speaker.announcement(item, link.name, link.address)
            if at.link == 0
            else [speaker.trying(links[place - 1].name, link.name)]
        )
        question = PickedUp(self.line.slug_of(self.municipality)) if link.accept else None
        return Ring(
            (*before, *says) if announce else (),
            seconds=limits.ANNOUNCEMENT_SECONDS,
            key=replace(at, link=place),
            target=Target(
                link.address,
                self.municipality.shown or "",
                link.seconds,
                self.line.settings.talk * 60,
                question,
            ),
            visited=visited,
        )

    def _nobody(
        self, at: At, links: list[hunt_group.Member], before: tuple[Phrase, ...], visited: tuple[str, ...]
    ) -> Reply:
        duties = [link.duty(self.moment) for link in links]
        until = min((duty.until for duty in duties if duty.until), default=None)
        now = self.moment.astimezone(self.line.settings.timezone)
        says = self._speaker(at.language).nobody(until, now)
        return self._arrive(At(at.language, self.line.menu.start), (*before, says), visited)

    def _speaker(self, language: str) -> Speaker:
        return Speaker(self.line, language, self.municipality)
