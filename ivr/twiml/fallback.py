"""The document that callers hear while our server does not answer: a static one for each municipality.

Twilio stores it as a TwiML Bin (https://www.twilio.com/docs/serverless/twiml-bins). Its URL is the voice
fallback URL of the municipality's numbers. The document refers to no URL of ours. So it can offer no
keys: a key is sent to a URL.
"""

from collections.abc import Iterator

from twilio.twiml.voice_response import VoiceResponse

from ivr.dialogue.prompts import NUMBERS, Speaker
from ivr.model import numbers, spoken
from ivr.model.languages import languages_from
from ivr.model.limits import FALLBACK_CONTACTS
from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.model.phrase import Phrase
from ivr.model.settings import POLICE
from ivr.twiml import documents


def document(line: Line, municipality: Municipality) -> str:
    """Write the document of one municipality, in all languages, the line's own first.

    Raises KeyError if the line lacks a prompt, a voice or the police.
    """
    speakers = [Speaker(line, code, municipality) for code in languages_from(line.settings.language)]
    own, *others = speakers
    made = VoiceResponse()

    def say(*phrases: Phrase) -> None:
        for phrase in phrases:
            made.append(documents.say(phrase, line.settings.voices))

    say(own.say("fallback"))
    for speaker in others:
        say(speaker.say("fallback"), speaker.say("fallback-other-language"))
    for speaker in speakers:
        say(speaker.say("fallback-steps"), speaker.say("fallback-numbers"))
        for phrase in _numbers(line, municipality, speaker):
            made.pause(length=1)  # so that the clerk can write
            say(phrase)
        say(*([speaker.say("fallback-then")] if others and speaker is own else []))
    say(*(speaker.say("fallback-stay") for speaker in speakers))
    _ring_police(made, line, municipality)
    say(*(speaker.say("fallback-end") for speaker in speakers))
    made.hangup()
    return str(made)


def _ring_police(made: VoiceResponse, line: Line, municipality: Municipality) -> None:
    """Ring the numbers of the police, one after the other, until one is reached.

    All are in one Dial. Without an action Twilio goes on with the document after a Dial also when the two
    have talked, so a second Dial would ring the police again after each talk.
    """
    police = line.settings.destinations[POLICE]
    dial = made.dial(
        caller_id=municipality.shown,
        timeout=police.ring,
        time_limit=line.settings.talk * 60,
        sequential=len(police.numbers) > 1 or None,
    )
    for number in police.numbers:
        documents.add_far_end(dial, number, None)


def _numbers(line: Line, municipality: Municipality, speaker: Speaker) -> Iterator[Phrase]:
    """Names and numbers for a clerk to dial: contacts, the police and the anonymous destinations.

    SIP addresses are left out. Of a destination only the first number is given.
    """
    language = speaker.language
    contacts = [(each.name[language], each.number) for each in municipality.contacts[:FALLBACK_CONTACTS]]
    destinations = [
        (each.name[language], each.numbers[0])
        for slug, each in line.settings.destinations.items()
        if slug == POLICE or each.anonymous
    ]
    for name, number in (*contacts, *destinations):
        if not numbers.is_sip(number):
            yield speaker.say(NUMBERS, contact=name, number=spoken.digits(number, language))
