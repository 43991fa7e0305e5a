"""One call from its first webhook to its end, as Twilio executes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final, assert_never

from ivr.exchange.far_leg import far_leg
from ivr.exchange.leg import Leg
from ivr.exchange.people import Caller, CallerHungUp, FarEnd, FarEnds, HungUp, NotReached, PickedUp
from ivr.exchange.sounds import Synthesiser
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
from ivr.exchange.verbs import Dial, DialNoun, TwimlError
from ivr.exchange.wire import ReachedLine

DOCUMENTS: Final = 500
"""Documents on the caller's leg, at most. A call that asks for more is in an endless loop."""


@dataclass(slots=True)
class Exchange:
    """Makes calls to one line. An exchange has no state between calls; people may have."""

    line: ReachedLine
    far_ends: FarEnds
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
        return _Call(self, from_, dialled, caller).run()


@dataclass(slots=True)
class _Call:
    """One call: the caller's leg, and the far ends that it rings. It is the Witness of the caller's leg."""

    exchange: Exchange
    from_: str
    to: str
    caller: Caller
    sid: str = field(default_factory=lambda: f"CA{token_hex(16)}")
    events: list[CallEvent] = field(default_factory=list)
    leg: Leg = field(init=False)

    def __post_init__(self) -> None:
        line, synthesiser = self.exchange.line, self.exchange.synthesiser
        self.leg = Leg(line, self.caller, self, self._parameters, self._dial, DOCUMENTS, synthesiser)

    def run(self) -> list[CallEvent]:
        """Lead the call to its end; return its events."""
        try:
            self.leg.run("/voice")
            self._record(CallEnds("line"))
        except HungUp:
            self._record(CallEnds("caller"))
        except KeyboardInterrupt:  # Ctrl-C hangs up too, wherever the call is
            self._record(CallEnds("caller"))
            raise
        except TwimlError as error:
            self._record(CallEnds("fault", str(error)))
        return self.events

    def hears(self, text: str, voice: str) -> None:
        self._record(CallerHears(text, voice))

    def presses(self, key: str) -> None:
        self._record(CallerPresses(key))

    def silent(self, seconds: int) -> None:
        self._record(CallerSilent(seconds))

    def _record(self, event: CallEvent) -> None:
        self.events.append(event)
        self.caller.sees(event)

    def _parameters(self) -> dict[str, str]:
        """Return the parameters that every webhook has (https://www.twilio.com/docs/voice/twiml#request-parameters)."""
        return {
            "AccountSid": f"AC{'0' * 32}",
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": "in-progress" if self.leg.documents > 1 else "ringing",
            "Direction": "inbound",
            "From": self.from_,
            "Caller": self.from_,
            "To": self.to,
            "Called": self.to,
            **_sip_or_country(self.from_, self.to),
        }

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
        names, endpoint = self.exchange.names, noun.endpoint
        self._record(FarEndRings(names.get(endpoint, endpoint), names.get(shown, shown), verb.timeout))
        rung = self.exchange.far_ends.rings(endpoint, verb.timeout, shown)
        sid = f"CA{token_hex(16)}"
        match rung:
            case NotReached(status):
                self._record(FarEndOutcome(status))
                bridged, seconds = False, 0
            case PickedUp(far_end, outcome):
                parameters = {**self._parameters(), **_dialled_leg(self.sid, sid, endpoint, shown)}
                try:
                    self._record(FarEndOutcome(outcome))
                    bridged = noun.url is None or self._accepts(far_end, noun.url, parameters)
                    seconds = self._talk(rung, verb.time_limit) if bridged else 0
                finally:
                    far_end.ends()
                status = "completed"
            case _:
                assert_never(rung)
        return {
            "DialCallSid": sid,
            "DialCallStatus": status,
            "DialCallDuration": str(seconds),
            "DialBridged": "true" if bridged else "false",
        }

    def _accepts(self, far_end: FarEnd, url: str, parameters: Mapping[str, str]) -> bool:
        """Let who picked up hear the document of a noun; return whether the legs are to be bridged."""
        line = self.exchange.line
        leg = far_leg(line, far_end, parameters, self._record, self.exchange.synthesiser)
        try:
            return leg.run(line.resolve(self.leg.url, url))
        except CallerHungUp:
            raise
        except HungUp:
            return False

    def _talk(self, picked_up: PickedUp, time_limit: int) -> int:
        """Bridge the legs; return for how many seconds they were."""
        self._record(Bridged("voicemail" if picked_up.outcome == "voicemail" else "person"))
        return picked_up.far_end.talks(time_limit)


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
