"""One call, from the ring to the end, as Twilio would lead it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final, assert_never

from ivr.exchange.far_leg import FarLeg
from ivr.exchange.grammar import Dial, Gather, Hangup, Pause, Play, Redirect, Say, TwimlError, Verb, read
from ivr.exchange.people import Caller, FarEnd, HungUp
from ivr.exchange.sounds import Synthesiser, heard
from ivr.exchange.transcript import CallEvent, Ends, FarEndDoes, Hears, Presses, Rings, Silent, Talk
from ivr.exchange.wire import ReachedLine

REDIRECTS: Final = 10
"""One after the other, at most; the next one ends the call."""
DOCUMENTS: Final = 500
"""In one call, at most: a call that asks for more goes round for ever."""
_PICKED_UP: Final = frozenset({"answer", "voicemail", "declines"})


@dataclass(slots=True)
class Exchange:
    """Leads calls to one line, and remembers nothing between them."""

    line: ReachedLine
    far_end: FarEnd
    names: Mapping[str, str]
    """Address → what a transcript calls it."""
    owned: frozenset[str] = frozenset()
    """Numbers (E.164), besides the one dialled, that may be shown as caller ID."""
    voice: Synthesiser | None = None
    """Speaks what a document only says, for who listens; None: in silence."""

    def call(self, caller_address: str, dialled: str, caller: Caller) -> list[CallEvent]:
        """Call, and tell what happened. What Twilio would refuse ends the call as a fault."""
        return _Leg(self, caller_address, dialled, caller).lead()


class _Over(Exception):
    """The call is over."""


@dataclass(slots=True)
class _Leg:
    """The caller's leg of one call."""

    exchange: Exchange
    from_: str
    to: str
    caller: Caller
    sid: str = field(default_factory=lambda: f"CA{token_hex(16)}")
    events: list[CallEvent] = field(default_factory=list)
    url: str = ""
    asked: int = 0
    redirects: int = 0
    sounds: dict[Say | Play, tuple[str, bytes | None, float]] = field(default_factory=dict)

    def lead(self) -> list[CallEvent]:
        try:
            verbs = self._ask("/voice", {})
            while True:
                verbs = self._obey(verbs)
        except _Over:
            self._tell(Ends("line"))
        except HungUp:
            self._tell(Ends("caller"))
        except TwimlError as error:
            self._tell(Ends("fault", str(error)))
        return self.events

    def _tell(self, event: CallEvent) -> None:
        self.events.append(event)
        self.caller.sees(event)

    def _ask(self, address: str, more: Mapping[str, str]) -> tuple[Verb, ...]:
        self.asked += 1
        if self.asked > DOCUMENTS:
            raise TwimlError(0, "this call goes round for ever")
        line = self.exchange.line
        self.url, answer = line.ask(line.resolve(self.url, address), {**self._parameters(), **more})
        return read(answer.body, answer.content_type)

    def _parameters(self) -> dict[str, str]:
        """What Twilio sends with each webhook (https://www.twilio.com/docs/voice/twiml#request-parameters)."""
        return {
            "AccountSid": f"AC{'0' * 32}",
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": "in-progress" if self.asked > 1 else "ringing",
            "Direction": "inbound",
            "From": self.from_,
            "Caller": self.from_,
            "To": self.to,
            "Called": self.to,
            **_sip_or_country(self.from_, self.to),
        }

    def _obey(self, verbs: tuple[Verb, ...]) -> tuple[Verb, ...]:
        """Obey a document up to where another takes over. Raises _Over where it ends."""
        for verb in verbs:
            match verb:
                case Say() | Play() | Pause():
                    self._sound(verb, listening=False)
                case Gather():
                    pressed = self._gather(verb)
                    if pressed is not None or verb.on_empty:
                        self.redirects = 0
                        return self._ask(verb.action, {"Digits": pressed or ""})
                case Redirect(address):
                    self.redirects += 1
                    if self.redirects > REDIRECTS:
                        raise TwimlError(0, f"more than {REDIRECTS} redirects")
                    return self._ask(address, {})
                case Dial():
                    self.redirects = 0
                    ended = self._dial(verb)
                    if verb.action:
                        return self._ask(verb.action, ended)
                case Hangup():
                    raise _Over
                case _:
                    assert_never(verb)
        raise _Over

    def _sound(self, verb: Say | Play | Pause, *, listening: bool) -> str | None:
        if isinstance(verb, Pause):
            return self.caller.hears("", None, verb.seconds, listening=listening)
        text, wav, seconds = self._heard(verb)
        self._tell(Hears(text))
        return self.caller.hears(text, wav, seconds, listening=listening)

    def _heard(self, verb: Say | Play) -> tuple[str, bytes | None, float]:
        """What a verb says; a file is fetched once, as it may be kept."""
        if verb not in self.sounds:
            self.sounds[verb] = heard(self.exchange.line, self.url, verb, self.exchange.voice)
        return self.sounds[verb]

    def _gather(self, verb: Gather) -> str | None:
        """Speak and listen; the keys pressed, or None. A key stops the speech."""
        for each in verb.verbs:
            # All files are fetched before the first is heard.
            if isinstance(each, Play):
                self._heard(each)
        pressed = ""
        for each in verb.verbs:
            key = self._sound(each, listening=True)
            if key:
                pressed = key
                self._tell(Presses(key))
                break
        while not (pressed and (len(pressed) == verb.digits or pressed[-1] == verb.finish_on)):
            key = self.caller.waits(verb.seconds)
            if key is None:
                break
            pressed += key
            self._tell(Presses(key))
        if not pressed:
            self._tell(Silent(verb.seconds))
        return pressed.removesuffix(verb.finish_on) if pressed else None

    def _dial(self, verb: Dial) -> dict[str, str]:
        """Ring a far end; what its end is reported with."""
        shown = verb.caller_id or self.from_
        if shown not in {self.from_, self.to} | self.exchange.owned or not shown.startswith("+"):
            raise TwimlError(13214, "a caller ID that is neither the dialled number nor one of ours")
        address = verb.leg.address
        self._tell(
            Rings(
                self.exchange.names.get(address, address), self.exchange.names.get(shown, shown), verb.seconds
            )
        )
        outcome = self.exchange.far_end.rings(address, verb.seconds)
        self._tell(FarEndDoes(outcome))
        sid = f"CA{token_hex(16)}"
        joined = outcome in _PICKED_UP
        if joined and verb.leg.url:
            form = {**self._parameters(), **_far_end(self.sid, sid, address, shown)}
            joined = FarLeg(self.exchange.line, form, outcome, self._tell).lead(self.url, verb.leg.url)
        if joined:
            self._tell(Talk("voicemail" if outcome == "voicemail" else "person"))
        return {
            "DialCallSid": sid,
            "DialCallStatus": "completed" if outcome in _PICKED_UP else outcome,
            "DialCallDuration": "42" if joined else "0",
            "DialBridged": "true" if joined else "false",
        }


def _far_end(parent: str, sid: str, address: str, shown: str) -> dict[str, str]:
    """What is different on the leg to a far end: it is a call from the caller ID to who was rung."""
    return {
        "CallSid": sid,
        "ParentCallSid": parent,
        "Direction": "outbound-dial",
        "CallStatus": "in-progress",
        **dict.fromkeys(("From", "Caller"), shown),
        **dict.fromkeys(("To", "Called"), address),
    }


def _sip_or_country(from_: str, to: str) -> dict[str, str]:
    if to.startswith("sip:"):
        return {"SipDomain": to.partition("@")[2], "SipCallId": token_hex(8)}
    return {"FromCountry": "NL" if from_.startswith("+31") else "", "ToCountry": "NL"}
