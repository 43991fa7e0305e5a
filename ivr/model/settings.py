"""The types of config/line.yaml."""

from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import Field

from ivr.model import hours, limits
from ivr.model.fields import (
    Country,
    Endpoint,
    InEveryLanguage,
    LanguageCode,
    PublicUrl,
    RingSeconds,
    Slug,
    Span,
    Text,
    YesNo,
    Zone,
    one_or_more,
    whole,
)
from ivr.model.languages import LANGUAGES
from ivr.model.shape import Shape

POLICE: Final = "police"
"""The destination that every menu must offer under a key."""


class Destination(Shape):
    """A service that the clerks of every municipality can be put through to."""

    name: InEveryLanguage
    numbers: Annotated[
        tuple[Endpoint, ...], Field(min_length=1, max_length=limits.LISTED), one_or_more(Endpoint)
    ]
    """Rung in this order until one is reached."""
    anonymous: YesNo = False
    ring: RingSeconds = limits.RING_SECONDS


class Settings(Shape):
    """The content of config/line.yaml: settings of all municipalities."""

    language: LanguageCode = "nl"
    timezone: Zone = ZoneInfo("Europe/Amsterdam")
    holidays: Country = "NL"
    tries: Annotated[int, *whole(*limits.TRIES_RANGE)] = 3
    silence: Annotated[int, *whole(*limits.SILENCE_RANGE)] = 5
    talk: Annotated[int, *whole(*limits.TALK_RANGE)] = limits.TALK_MINUTES
    """Longest duration (minutes) of a forwarded call."""
    voices: dict[LanguageCode, Text] = Field(
        default={code: language.voice for code, language in LANGUAGES.items()}
    )
    public_url: PublicUrl | None = None
    ring_check: Span = Field(default_factory=lambda: hours.read_span("ma-vr 10:00-12:00"))
    """When contacts may be rung to check their numbers; ma-vr 10:00-12:00 if left out."""
    destinations: dict[Slug, Destination] = Field(min_length=1, max_length=limits.LISTED)
