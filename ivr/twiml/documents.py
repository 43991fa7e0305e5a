"""Writes replies as TwiML documents (https://www.twilio.com/docs/voice/twiml)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, assert_never

from twilio.twiml import TwiML
from twilio.twiml.voice_response import Dial, Gather, Play, Say, VoiceResponse

from ivr.dialogue.call import (
    Ask,
    End,
    FarEndEvent,
    Join,
    PickedUp,
    Question,
    Reply,
    Ring,
    RingCheck,
)
from ivr.model.numbers import is_sip
from ivr.model.phrase import PAUSE, Phrase
from ivr.model.playing import Sound, longest_run
from ivr.twiml import urls

Find = Callable[[Phrase], Sound | None]
"""Phrase → its sound, or None if it has none and must be synthesised by Twilio."""

CONSTANT_APOLOGY: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Say language="nl-NL">'
    "Er ging iets mis. Is er gevaar? Hang op en bel 1 1 2. Bel anders zelf de politie: "
    "0 9 0 0, 8 8 4 4. Nog een keer: 0 9 0 0, 8 8 4 4.</Say><Hangup/></Response>"
)
"""The document for a failure of the apology itself: a constant, so that it cannot fail."""

_BREAK: Final = "400ms"
"""Duration of PAUSE in a Say, as SSML writes it."""


def write(reply: Reply, voices: Mapping[str, str], find: Find, public_url: str) -> str:
    """Write a reply as a TwiML document.

    `voices`: language → voice of a Say. `find`: finds the sound of a phrase. `public_url`: where the line's
    sounds are, without a slash at its end. Twilio's page of Play shows absolute URLs alone
    (https://www.twilio.com/docs/voice/twiml/play).
    Raises KeyError for a language without a voice.
    """
    # Each Gather is followed by a verb, which Twilio executes if no key comes.
    document = VoiceResponse()

    def speak(parent: VoiceResponse | Gather, says: Sequence[Phrase]) -> None:
        for verb in _spoken(says, voices, find, public_url):
            parent.append(verb)

    match reply:
        case Ask(says, seconds, key, silence):
            speak(_gather(document, seconds, urls.of(key, urls.KEY)), says)
            document.redirect(urls.of(silence))
        case Ring(says, seconds, key, target):
            if says:
                speak(_gather(document, seconds, urls.of(key, urls.KEY)), says)
            dial = document.dial(
                action=urls.of(key, urls.ENDED),
                caller_id=target.caller_id,
                timeout=target.seconds,
                time_limit=target.talk,
            )
            add_far_end(dial, target.endpoint, target.question)
        case End(says):
            speak(document, says)
            document.hangup()
        case Question(says, seconds, event):
            speak(_gather(document, seconds, _of_question(event)), says)
            document.hangup()
        case Join():
            pass  # an empty document ends the question, and Twilio joins the two legs
        case _:
            assert_never(reply)
    return str(document)


def _gather(document: VoiceResponse, seconds: int, action: str) -> Gather:
    # Without finish_on_key="" Twilio would take # as the end of the input and not report it.
    return document.gather(num_digits=1, finish_on_key="", timeout=seconds, action=action)


def _of_question(event: FarEndEvent) -> str:
    match event:
        case PickedUp():
            return urls.of_pickup(event, urls.KEY)
        case RingCheck():
            return urls.of_ring_check(event, urls.KEY)
        case _:
            assert_never(event)


def add_far_end(dial: Dial, endpoint: str, question: PickedUp | None) -> None:
    """Add to a Dial the endpoint that it rings, and the URL of the question. None: there is no question."""
    url = urls.of_pickup(question) if question else None
    if is_sip(endpoint):
        dial.sip(endpoint, url=url)
    else:
        dial.number(endpoint, url=url)


def _spoken(says: Sequence[Phrase], voices: Mapping[str, str], find: Find, public_url: str) -> list[TwiML]:
    """Write phrases as verbs, with one Play at most.

    Twilio fetches all files of a Gather before it plays the first, so more of them delay the first phrase.
    """
    sounds = [find(phrase) for phrase in says]
    start, end = longest_run(sounds)
    clips = [sound.name for sound in sounds[start:end] if sound]
    return [
        *(say(phrase, voices) for phrase in says[:start]),
        *([Play(public_url + urls.of_audio(clips))] if clips else []),
        *(say(phrase, voices) for phrase in says[end:]),
    ]


def say(phrase: Phrase, voices: Mapping[str, str]) -> Say:
    """Write a phrase as a Say, which Twilio synthesises. Raises KeyError for a language without a voice."""
    first, *rest = phrase.text.split(PAUSE)
    verb = Say(first.strip(), voice=voices[phrase.language])
    for part in rest:
        verb.break_(time=_BREAK)
        verb.append(part.strip())
    return verb
