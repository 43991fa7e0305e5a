"""The document that callers hear while our server does not answer: a static one for each municipality.

Twilio stores it as a TwiML Bin (https://www.twilio.com/docs/serverless/twiml-bins). Its URL is the voice
fallback URL of the municipality's numbers. The document refers to no URL of ours.
"""

from collections.abc import Iterator

from twilio.twiml.voice_response import VoiceResponse

from ivr.dialogue.prompts import NUMBERS, Speaker
from ivr.model import numbers, spoken
from ivr.model.limits import FALLBACK_CONTACTS
from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.model.phrase import Phrase
from ivr.model.settings import POLICE
from ivr.twiml import documents


def document(line: Line, municipality: Municipality) -> str:
    """Write the document of one municipality, in the line's first language.

    Raises KeyError if the line lacks a prompt, the voice or the police.
    """
    language = line.settings.language
    speaker = Speaker(line, language, municipality)
    listed = list(_numbers(line, municipality, speaker))
    made = VoiceResponse()
    for prompt, phrases in (("fallback", ()), ("fallback-numbers", listed), ("fallback-again", listed)):
        made.append(documents.say(speaker.say(prompt), line.settings.voices))
        for phrase in phrases:
            made.pause(length=1)  # so that the clerk can write
            made.append(documents.say(phrase, line.settings.voices))
    made.append(documents.say(speaker.say("fallback-stay"), line.settings.voices))
    police = line.settings.destinations[POLICE]
    # Without an action Twilio goes on with this document after the Dial, so no other Dial may follow.
    dial = made.dial(caller_id=municipality.shown, timeout=police.ring, time_limit=line.settings.talk * 60)
    documents.add_far_end(dial, police.numbers[0], None)
    made.append(documents.say(speaker.say("fallback-end"), line.settings.voices))
    made.hangup()
    return str(made)


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
