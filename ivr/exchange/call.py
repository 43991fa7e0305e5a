"""One call from its first webhook to its end, as Twilio executes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final, assert_never

from ivr.exchange.far_leg import FarEndLeg
from ivr.exchange.grammar import read
from ivr.exchange.people import Caller, FarEnd, HungUp
from ivr.exchange.sounds import Synthesiser, sound_of, voice_of
from ivr.exchange.transcript import (
    Bridged,
    CallEnds,
    CallerHears,
    CallerPresses,
    CallerSilent,
    CallEvent,
    FarEndOutcome,
    FarEndRings,
)
from ivr.exchange.verbs import Dial, DialNoun, Gather, Hangup, Pause, Play, Redirect, Say, TwimlError, Verb
from ivr.exchange.wire import ReachedLine

REDIRECTS: Final = 10
"""Consecutive redirects, at most. The next one ends the call."""
DOCUMENTS: Final = 500
"""Documents on the caller's leg, at most. A call that asks for more is in an endless loop."""
_ANSWERED: Final = frozenset({"answer", "voicemail", "declines"})
"""Outcomes in which the far end picks up. A far end that declines picks up first."""


@dataclass(slots=True)
class Exchange:
    """Makes calls to one line. An exchange has no state between calls."""

    line: ReachedLine
    far_end: FarEnd
    names: Mapping[str, str]
    """Endpoint or shown number → its name in transcripts."""
    owned: frozenset[str] = frozenset()
    """Numbers (E.164) that are allowed as caller ID, besides the caller's and the dialled one."""
    synthesiser: Synthesiser | None = None
    """Makes the sound of a Say; with None a Say has no sound."""

    def call(self, from_: str, dialled: str, caller: Caller) -> list[CallEvent]:
        """Make a call and return its events. A TwimlError ends the call with a CallEnds by `fault`.

        After a KeyboardInterrupt the caller sees that the call ended, and it is raised again.

        `from_`, `dialled`: numbers (E.164) or SIP URIs.
        """
        return _CallerLeg(self, from_, dialled, caller).run()


class _LineHungUp(Exception):
    """The line ended the call, by a Hangup or by a document without a further verb."""


@dataclass(slots=True)
class _CallerLeg:
    """The caller's leg of one call."""

    exchange: Exchange
    from_: str
    to: str
    caller: Caller
    sid: str = field(default_factory=lambda: f"CA{token_hex(16)}")
    events: list[CallEvent] = field(default_factory=list)
    url: str = ""
    """URL of the current document; relative URLs are resolved against it."""
    documents: int = 0
    """Documents requested so far."""
    redirects: int = 0
    """Redirects since the last Dial, or the last Gather that requested its action."""
    sounds: dict[Say | Play, tuple[str, bytes | None, float]] = field(default_factory=dict)
    """Verb → its text, WAV file and length in seconds."""

    def run(self) -> list[CallEvent]:
        """Execute documents until the call ends; return its events."""
        try:
            verbs = self._request("/voice", {})
            while True:
                verbs = self._execute(verbs)
        except _LineHungUp:
            self._record(CallEnds("line"))
        except HungUp:
            self._record(CallEnds("caller"))
        except KeyboardInterrupt:  # Ctrl-C hangs up too, wherever the call is
            self._record(CallEnds("caller"))
            raise
        except TwimlError as error:
            self._record(CallEnds("fault", str(error)))
        return self.events

    def _record(self, event: CallEvent) -> None:
        self.events.append(event)
        self.caller.sees(event)

    def _request(self, url: str, more: Mapping[str, str]) -> tuple[Verb, ...]:
        self.documents += 1
        if self.documents > DOCUMENTS:
            raise TwimlError(0, f"more than {DOCUMENTS} documents")
        line = self.exchange.line
        self.url, answer = line.ask(line.resolve(self.url, url), {**self._parameters(), **more})
        return read(answer.body, answer.content_type)

    def _parameters(self) -> dict[str, str]:
        """Return the parameters that every webhook has (https://www.twilio.com/docs/voice/twiml#request-parameters)."""
        return {
            "AccountSid": f"AC{'0' * 32}",
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": "in-progress" if self.documents > 1 else "ringing",
            "Direction": "inbound",
            "From": self.from_,
            "Caller": self.from_,
            "To": self.to,
            "Called": self.to,
            **_sip_or_country(self.from_, self.to),
        }

    def _execute(self, verbs: tuple[Verb, ...]) -> tuple[Verb, ...]:
        """Execute verbs; return those of the document that follows. Raises _LineHungUp where none follows."""
        for verb in verbs:
            match verb:
                case Say() | Play() | Pause():
                    self._speak(verb, listening=False)
                case Gather():
                    pressed = self._gather(verb)
                    if pressed is not None or verb.action_on_empty_result:
                        self.redirects = 0
                        return self._request(verb.action, {"Digits": pressed or ""})
                case Redirect(url):
                    self.redirects += 1
                    if self.redirects > REDIRECTS:
                        raise TwimlError(0, f"more than {REDIRECTS} redirects")
                    return self._request(url, {})
                case Dial():
                    self.redirects = 0
                    ended = self._dial(verb)
                    if verb.action:
                        return self._request(verb.action, ended)
                case Hangup():
                    raise _LineHungUp
                case _:
                    assert_never(verb)
        raise _LineHungUp

    def _speak(self, verb: Say | Play | Pause, *, listening: bool) -> str | None:
        """Let the caller hear a verb. Return the key pressed meanwhile; None where not `listening`."""
        if isinstance(verb, Pause):
            return self.caller.hears("", None, verb.length, listening=listening)
        text, wav, seconds = self._sound(verb)
        self._record(CallerHears(text, voice_of(verb)))
        return self.caller.hears(text, wav, seconds, listening=listening)

    def _sound(self, verb: Say | Play) -> tuple[str, bytes | None, float]:
        """Return text, WAV file and seconds of a verb. Each file is fetched once per call."""
        if verb not in self.sounds:
            self.sounds[verb] = sound_of(self.exchange.line, self.url, verb, self.exchange.synthesiser)
        return self.sounds[verb]

    def _gather(self, verb: Gather) -> str | None:
        """Execute a Gather. Return the keys pressed, without `finish_on_key`; None if there are none."""
        for each in verb.verbs:
            # Twilio fetches all files of a Gather before it plays the first.
            if isinstance(each, Play):
                self._sound(each)
        pressed = ""
        for each in verb.verbs:
            key = self._speak(each, listening=True)
            if key:
                pressed = key
                self._record(CallerPresses(key))
                break
        while not (pressed and (len(pressed) == verb.num_digits or pressed[-1] == verb.finish_on_key)):
            key = self.caller.waits(verb.timeout)
            if key is None:
                break
            pressed += key
            self._record(CallerPresses(key))
        if not pressed:
            self._record(CallerSilent(verb.timeout))
        return pressed.removesuffix(verb.finish_on_key) or None

    def _dial(self, verb: Dial) -> dict[str, str]:
        """Execute a Dial; return the parameters for its `action`."""
        shown = verb.caller_id or self.from_
        if shown not in {self.from_, self.to} | self.exchange.owned or not shown.startswith("+"):
            raise TwimlError(13214, "a caller ID that is neither the dialled number nor one of ours")
        ended = self._ring(verb, verb.noun, shown)
        for noun in verb.others:
            if ended["DialBridged"] == "false":
                ended = self._ring(verb, noun, shown)
        return ended

    def _ring(self, verb: Dial, noun: DialNoun, shown: str) -> dict[str, str]:
        """Ring one far end of a Dial; return the parameters for its `action`. `shown`: the caller ID."""
        endpoint = noun.endpoint
        self._record(
            FarEndRings(
                self.exchange.names.get(endpoint, endpoint),
                self.exchange.names.get(shown, shown),
                verb.timeout,
            )
        )
        outcome = self.exchange.far_end.rings(endpoint, verb.timeout)
        self._record(FarEndOutcome(outcome))
        sid = f"CA{token_hex(16)}"
        bridged = outcome in _ANSWERED
        if bridged and noun.url:
            form = {**self._parameters(), **_dialled_leg(self.sid, sid, endpoint, shown)}
            bridged = FarEndLeg(self.exchange.line, form, outcome, self._record).run(self.url, noun.url)
        if bridged:
            self._record(Bridged("voicemail" if outcome == "voicemail" else "person"))
        return {
            "DialCallSid": sid,
            "DialCallStatus": "completed" if outcome in _ANSWERED else outcome,
            "DialCallDuration": "42" if bridged else "0",  # any duration in seconds
            "DialBridged": "true" if bridged else "false",
        }


def _dialled_leg(parent: str, sid: str, endpoint: str, shown: str) -> dict[str, str]:
    """Return the parameters in which the far end's leg differs from the caller's leg."""
    return {
        "CallSid": sid,
        "ParentCallSid": parent,
        "Direction": "outbound-dial",
        "CallStatus": "in-progress",
        **dict.fromkeys(("From", "Caller"), shown),
        **dict.fromkeys(("To", "Called"), endpoint),
    }


def _sip_or_country(from_: str, to: str) -> dict[str, str]:
    if to.startswith("sip:"):
        return {"SipDomain": to.partition("@")[2], "SipCallId": token_hex(8)}
    return {"FromCountry": "NL" if from_.startswith("+31") else "", "ToCountry": "NL"}
