"""What callers hear while our server is down: one static document for each municipality, kept by Twilio.

It is a TwiML Bin (https://www.twilio.com/docs/serverless/twiml-bins), named as the voice fallback URL of the
municipality's numbers. So it asks nothing of us: no file, no webhook, no key.
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
    """The document of one municipality, in the line's first language."""
    language = line.settings.language
    speaker = Speaker(line, language, municipality)
    spoken = list(_numbers(line, municipality, speaker))
    made = VoiceResponse()
    for prompt, listed in (("fallback", ()), ("fallback-numbers", spoken), ("fallback-again", spoken)):
        made.append(documents.say(speaker.say(prompt), line.settings.voices))
        for phrase in listed:
            made.pause(length=1)  # time to write
            made.append(documents.say(phrase, line.settings.voices))
    made.append(documents.say(speaker.say("fallback-stay"), line.settings.voices))
    police = line.settings.destinations[POLICE]
    # Without an action the document goes on when the talk is over, and must not ring again.
    dial = made.dial(caller_id=municipality.shown, timeout=police.ring, time_limit=line.settings.talk * 60)
    documents.far_end(dial, police.numbers[0], None)
    made.append(documents.say(speaker.say("fallback-end"), line.settings.voices))
    made.hangup()
    return str(made)


def _numbers(line: Line, municipality: Municipality, speaker: Speaker) -> Iterator[Phrase]:
    """Whom a clerk can call by hand: the municipality's contacts, the police and the anonymous ones."""
    language = speaker.language
    contacts = [(each.name[language], each.number) for each in municipality.contacts[:FALLBACK_CONTACTS]]
    destinations = [
        (each.name[language], each.numbers[0])
        for word, each in line.settings.destinations.items()
        if word == POLICE or each.anonymous
    ]
    for name, number in (*contacts, *destinations):
        if not numbers.is_sip(number):
            yield speaker.say(NUMBERS, contact=name, number=spoken.digits(number, language))
