"""Answers the events of a call: what is spoken, and who is rung."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from ivr.dialogue import far_end, hunt_group
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
    Offer,
    PickedUp,
    Pressed,
    Reply,
    Ring,
    RingCheck,
    Target,
)
from ivr.dialogue.prompts import BACK_KEY, Speaker
from ivr.model import limits
from ivr.model.fields import LANGUAGE_KEY
from ivr.model.languages import LANGUAGES, languages_from, next_language
from ivr.model.line import Line
from ivr.model.menu import CLOSED, CONTACTS, FAREWELL, STRANGER, UNKNOWN_LINE, Item
from ivr.model.municipality import Municipality
from ivr.model.phrase import Phrase


def answer(line: Line, call: Call, moment: datetime) -> Reply:
    """Answer one webhook at a moment (aware). The reply depends on the arguments alone."""
    match call.event:
        case PickedUp() | RingCheck() as event:
            return far_end.answer(line, event)
        case Incoming() | Offer() | Pressed() | Ended() as event:
            return _answer_caller(line, call, event, moment)
        case _:
            assert_never(call.event)


def _answer_caller(line: Line, call: Call, event: CallerEvent, moment: datetime) -> Reply:
    municipality = line.municipality_dialled(call.dialled)
    if municipality is None or municipality.shown is None:
        return _unknown_line(line)
    forwards = municipality.forwards(call.caller)
    return _Visit(line, municipality, moment, call.full, forwards).answer(event)


def apology(line: Line, event: Event) -> Reply:
    """Reply after a failure: an apology and the numbers of the destinations, and then the start.

    The failure counts as silence, so that the call ends after repeated failures. After PickedUp the reply
    only hangs up on the contact. The caller is then put through to the next one.
    """
    match event:
        case PickedUp():
            return End((), ())
        case Offer(at) | Pressed(at, _) | Ended(at, _):
            pass
        case Incoming() | RingCheck():
            at = At(line.settings.language, "")
        case _:
            assert_never(event)
    language = at.language if at.language in LANGUAGES else line.settings.language
    start = At(language, line.menu.start, silences=at.silences)
    speaker = Speaker(line, language)
    says = (speaker.say("apology"), *speaker.numbers())
    if isinstance(event, RingCheck) or at.silences >= line.settings.tries:
        return End(says, ())
    return Ask(
        says, line.settings.silence, key=start, silence=replace(start, silences=at.silences + 1), visited=()
    )


def _unknown_line(line: Line) -> End:
    """Reply to who dialled a number of no municipality: one item in all languages, the line's own first."""
    item = UNKNOWN_LINE if UNKNOWN_LINE in line.menu.items else FAREWELL
    says = [
        phrase
        for language in languages_from(line.settings.language)
        for phrase in Speaker(line, language).item(line.menu.items[item])
    ]
    return End(tuple(says), (item,))


@dataclass(frozen=True, slots=True)
class _Visit:
    """Answers one event of a caller."""

    line: Line
    municipality: Municipality
    moment: datetime
    full: frozenset[str]
    """As in `Call`."""
    forwards: bool
    """Whether the caller may be put through. Who may not hears all else, and the numbers."""

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
        """Replace an unknown language or item by the line's language and the start: a URL may be outdated."""
        language = at.language if at.language in LANGUAGES else self.line.settings.language
        if at.item not in self.line.menu.items:
            return At(language, self.line.menu.start)
        return replace(at, language=language)

    def _start(self, language: str) -> Reply:
        return self._arrive(At(language, self.line.menu.start))

    def _arrive(
        self, at: At, before: tuple[Phrase, ...] = (), visited: tuple[str, ...] = (), wanted: str = ""
    ) -> Reply:
        """Enter an item, and then those that it goes on to without a key.

        `before` and `visited` are the phrases and items of the same reply so far. `wanted`: the destination
        that was not reached; its number comes first.
        """
        at = self._opened_or_closed(at)
        item = self.line.menu.items[at.item]
        visited = (*visited, at.item)
        if item.dial is not None:
            return self._ring(at, item, before, visited)
        speaker = self._speaker(at.language)
        entered, _ = speaker.menu(at.item, wanted)
        says = (*before, *(self._closure(speaker) if at.item == CLOSED else ()), *entered)
        if item.go is not None:
            return self._arrive(replace(at, item=item.go), says, visited)
        if item.keys is None:
            return End(says, visited)
        return self._ask(at, says, visited)

    def _opened_or_closed(self, at: At) -> At:
        """Replace the start by `closed` while the line is closed, and vice versa while it is open."""
        first = CLOSED if self.line.closed(self.moment) else self.line.menu.start
        return At(at.language, first) if at.item in {CLOSED, self.line.menu.start} - {first} else at

    def _closure(self, speaker: Speaker) -> tuple[Phrase, ...]:
        """Return the phrase that the line is closed, with the end if it is known. Empty without a closure."""
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
        """Enter an item; after silence or a wrong key only repeat its choices."""
        return self._again(at) if at.silences or at.wrongs else self._arrive(at)

    def _again(self, at: At, *before: Phrase) -> Reply:
        """Repeat the choices of a menu, or say the farewell after `tries`.

        If the line has opened or closed since, or the item has no keys, enter the item instead.
        """
        if self._opened_or_closed(at) != at:
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
        target = self.line.menu.ways(item).get(key)
        if target is None:
            speaker = self._speaker(at.language)
            return self._again(replace(at, wrongs=at.wrongs + 1), speaker.say("wrong-key"))
        return self._arrive(At(at.language, target, origin=at.item))

    def _pressed_while_announced(self, at: At, item: Item, key: str) -> Reply:
        if key == BACK_KEY:
            return self._arrive(self._known(At(at.language, at.origin)), self._back(at, item))
        target = self.line.menu.ways(item).get(key, at.item)
        if target == at.item:
            # The key that led here, or one without a meaning: the caller does not want to wait.
            return self._ring(at, item, (), (), announce=False)
        return self._arrive(At(at.language, target, origin=at.origin))

    def _back(self, at: At, item: Item) -> tuple[Phrase, ...]:
        """What a caller hears first who goes back from an announcement."""
        members = hunt_group.members(self.line, self.municipality, item, at.language)
        if at.member >= len(members):
            return ()  # a URL may be older than the hunt group
        member = members[at.member]
        return tuple(self._speaker(at.language).announcement(item.back, member.name, member.endpoint))

    def _ended(self, at: At, ending: Ending) -> Reply:
        item = self.line.menu.items[at.item]
        match ending:
            case Ending.TALKED:
                return End((), ())
            case Ending.UNREACHED if item.dial is not None:
                return self._ring(replace(at, member=at.member + 1), item, (), ())
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
        """Ring the first member who is on duty and free, starting at index `at.member` of the hunt group.

        If there is none, go on to `unreached`. If nobody at all was on duty, say so and go to the start.
        A caller who may not be put through goes on to STRANGER, or to `unreached` in a menu without it.
        """
        wanted = item.dial or ""
        if not self.forwards:
            refused = STRANGER if STRANGER in self.line.menu.items else item.unreached
            return self._arrive(At(at.language, refused or FAREWELL), before, visited, wanted)
        members = hunt_group.members(self.line, self.municipality, item, at.language)
        index = self._next_free(at, item, members)
        if index is None:
            somebody = at.member > 0 or any(member.duty(self.moment).on for member in members)
            if item.unreached is not None and somebody:
                return self._arrive(At(at.language, item.unreached), before, visited, wanted)
            return self._nobody(at, members, before, visited)
        member = members[index]
        speaker = self._speaker(at.language)
        says = (
            speaker.announcement(item.say, member.name, member.endpoint)
            if at.member == 0
            else [speaker.trying(members[index - 1].name, member.name)]
        )
        return Ring(
            (*before, *says) if announce else (),
            seconds=limits.ANNOUNCEMENT_SECONDS,
            key=replace(at, member=index),
            target=self._target(member),
            visited=visited,
        )

    def _next_free(self, at: At, item: Item, members: list[hunt_group.Member]) -> int | None:
        full = self.full if item.dial == CONTACTS else frozenset()
        free = (
            index
            for index, member in enumerate(members)
            if index >= at.member and member.endpoint not in full and member.duty(self.moment).on
        )
        return next(free, None)

    def _target(self, member: hunt_group.Member) -> Target:
        return Target(
            member.endpoint,
            self.municipality.shown or "",
            member.seconds,
            self.line.settings.talk * 60,
            PickedUp(self.line.slug_of(self.municipality)) if member.accept else None,
        )

    def _nobody(
        self, at: At, members: list[hunt_group.Member], before: tuple[Phrase, ...], visited: tuple[str, ...]
    ) -> Reply:
        duties = [member.duty(self.moment) for member in members]
        until = min((duty.until for duty in duties if duty.until), default=None)
        now = self.moment.astimezone(self.line.settings.timezone)
        says = self._speaker(at.language).nobody(until, now)
        return self._arrive(At(at.language, self.line.menu.start), (*before, says), visited)

    def _speaker(self, language: str) -> Speaker:
        return Speaker(self.line, language, self.municipality)
