"""The types of the values in a file: each reads a text into a value.

A text that is not valid raises the PydanticCustomError of `refuse`.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from holidays.registry import EntityLoader
from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema

from ivr.model import days, hours, numbers
from ivr.model.errors import refuse
from ivr.model.languages import LANGUAGES
from ivr.model.limits import (
    MAIL_CHARACTERS,
    NAME_CHARACTERS,
    RING_RANGE,
    SAY_CHARACTERS,
    SPANS,
    VALUE_CHARACTERS,
)
from ivr.model.schedule import Period
from ivr.model.spelling import plain

_SEPARATORS: Final = re.compile(
    rf",\s|;|\s(?:{'|'.join(word for language in LANGUAGES.values() for word in language.also)})\s(?=[0-9])"
)
"""Between the parts of a text where a list belongs."""
_LOOSE: Final = re.compile(r"[^\"]*\"|[^\[]*\]|[^{]*\}")
"""A text that ends with a sign that nothing before it opens."""
_ALWAYS: Final = frozenset({"altijd", "always", "24/7", "dag en nacht"})
_HOLIDAYS: Final = {"gesloten": "closed", "dicht": "closed"}
"""Words for a value of `holidays`, besides the value itself."""

_MAIL_WORD: Final = r"[A-Za-z0-9_+'-]+"
_MAIL_ADDRESS: Final = re.compile(rf"{_MAIL_WORD}(?:\.{_MAIL_WORD})*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{{2,}}")

LANGUAGE_KEY: Final = "9"
"""The key of every menu that changes the language."""


def _plain(value: Any, most: int) -> str:
    """Return a value that must be a text, without blanks around it; `most` in characters."""
    if not isinstance(value, str):
        raise refuse("shape-text")
    text = value.strip()
    if not text:
        raise refuse("empty")
    if len(text) > most:
        raise refuse("value-long", size=len(text), most=most)
    return text


def from_text(read: Callable[[str], Any]) -> PlainValidator:
    """Return the validator of a number, day, word or the like, whatever dashes and quotes it has."""
    return PlainValidator(lambda value: read(plain(_plain(value, VALUE_CHARACTERS))))


def _as_text(most: int) -> PlainValidator:
    """Return the validator of a text of at most `most` characters that is spoken as it is."""
    return PlainValidator(lambda value: _plain(value, most))


def _read_name(value: Any) -> str:
    text = _plain(value, NAME_CHARACTERS)
    whole = re.fullmatch(r"[“”„](.+)[“”]", text)
    text = whole[1].strip() if whole else text
    if _LOOSE.fullmatch(text):
        raise refuse("sign-loose", text=text)
    return text


def read_mail_address(text: str) -> str:
    """Read a mail address of the kind that every mail server takes.

    No character of it has a meaning in a header of a mail or in a command of SMTP.
    """
    if not _MAIL_ADDRESS.fullmatch(text) or len(text) > MAIL_CHARACTERS:
        raise refuse("mail-unreadable", text=text)
    return text


def _read_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, KeyError, OSError):
        raise refuse("value-unknown", text=text, known=sorted(available_timezones())) from None


def _read_country(text: str) -> str:
    known = sorted(EntityLoader.get_country_codes())  # does not load the holidays themselves
    if text not in known:
        raise refuse("value-unknown", text=text, known=known)
    return text


def _https(text: str, code: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises ValueError if the port is no number
    except ValueError:
        raise refuse(code, text=text) from None
    if parts.scheme != "https" or not parts.hostname or re.search(r"\s", text):
        raise refuse(code, text=text)
    return parts


def _read_url(text: str) -> str:
    parts = _https(text, "url-unreadable")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise refuse("url-unreadable", text=text)
    return f"https://{parts.netloc}"


def _read_https_url(text: str) -> str:
    _https(text, "link-unreadable")
    return text


def _integer_reader(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not least <= int(text) <= most:
            raise refuse("out-of-range", text=text, least=least, most=most)
        return int(text)

    return read


def whole(least: int, most: int) -> Any:
    """The annotations of a whole number between two bounds, both included."""
    return (
        from_text(_integer_reader(least, most)),
        WithJsonSchema({"type": "integer", "minimum": least, "maximum": most}),
    )


def one_or_more(kind: Any) -> BeforeValidator:
    """The annotation of a list of `kind` for which a single text may stand."""

    def as_list(value: Any) -> Any:
        return _separate(_plain(value, VALUE_CHARACTERS)) if isinstance(value, str) else value

    return BeforeValidator(as_list, json_schema_input_type=kind | list[kind])


def _separate(text: str) -> list[str]:
    """Return the parts of a text that has several where a list belongs."""
    return [part.strip() for part in _SEPARATORS.split(text.rstrip(" ,;\n")) if part.strip()] or [text]


def _as_spans(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    always = len(value) == 1 and isinstance(value[0], str) and value[0].strip().lower() in _ALWAYS
    return [] if always else hours.separated(value)


def _in_every_language(value: Any) -> Any:
    if isinstance(value, list):
        raise refuse("shape-text")
    return dict.fromkeys(LANGUAGES, _read_name(value)) if isinstance(value, str) else value


def read_yes_or_no(text: str) -> bool:
    """Read an answer in any language of the line. Raises the error of `refuse`."""
    for answer, words in ((True, "yes"), (False, "no")):
        if text.lower() in {word for language in LANGUAGES.values() for word in getattr(language, words)}:
            return answer
    raise refuse("not-yes-or-no", text=text)


def read_holidays(value: Any) -> Any:
    """Return `closed` or `open` for a word that means it; anything else as it is."""
    word = plain(value).strip().lower() if isinstance(value, str) else value
    return _HOLIDAYS.get(word, word) if isinstance(word, str) else word


def _each_language(value: dict[str, str]) -> dict[str, str]:
    if missing := [language for language in LANGUAGES if language not in value]:
        raise refuse("language-missing", text=missing[0])
    return value


def json_string(**more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **more})


_SLUG = r"[a-z][a-z0-9-]{0,62}"


def read_slug(text: str) -> str:
    """Read an id. It becomes part of a URL, so it has small letters, digits and hyphens alone."""
    if not re.fullmatch(_SLUG, text):
        raise refuse("word-unreadable", text=text)
    return text


def _read_key(text: str) -> str:
    if text == LANGUAGE_KEY:
        raise refuse("key-reserved", text=text)
    if text not in set("012345678*#"):
        raise refuse("key-unknown", text=text)
    return text


def _read_language(text: str) -> str:
    if text not in LANGUAGES:
        raise refuse("value-unknown", text=text, known=list(LANGUAGES))
    return text


Text = Annotated[str, _as_text(SAY_CHARACTERS), json_string(maxLength=SAY_CHARACTERS)]
Name = Annotated[str, PlainValidator(_read_name), json_string(maxLength=NAME_CHARACTERS)]
LanguageCode = Annotated[str, from_text(_read_language), json_string(enum=list(LANGUAGES))]
Slug = Annotated[str, from_text(read_slug), json_string(pattern=f"^{_SLUG}$")]
Key = Annotated[str, from_text(_read_key), json_string(enum=list("012345678*#"))]
Day = Annotated[date, from_text(days.read_day), json_string(format="date")]
Days = Annotated[Period, from_text(days.read_days), json_string(examples=["2026-12-21 - 2027-01-03"])]
Moment = Annotated[datetime, from_text(days.read_moment), json_string(examples=["2026-11-25T08:00"])]
MailAddress = Annotated[str, from_text(read_mail_address), json_string(format="email")]
Number = Annotated[str, from_text(numbers.read_number), WithJsonSchema({"type": ["string", "integer"]})]
Endpoint = Annotated[str, from_text(numbers.read_endpoint), WithJsonSchema({"type": ["string", "integer"]})]
Pattern = Annotated[str, from_text(numbers.read_pattern), json_string()]
Span = Annotated[hours.Span, from_text(hours.read_span), json_string(examples=["ma-vr 08:30-17:00"])]
Spans = Annotated[
    tuple[Span, ...],
    Field(max_length=SPANS),
    BeforeValidator(_as_spans, json_schema_input_type=Any),
    one_or_more(Span),
]
YesNo = Annotated[bool, from_text(read_yes_or_no), WithJsonSchema({"type": ["boolean", "string"]})]
Holidays = Annotated[Literal["closed", "open"], BeforeValidator(read_holidays)]
Zone = Annotated[ZoneInfo, from_text(_read_zone), json_string(examples=["Europe/Amsterdam"])]
Country = Annotated[str, from_text(_read_country), json_string(examples=["NL"])]
PublicUrl = Annotated[str, from_text(_read_url), json_string(format="uri", pattern="^https://")]
HttpsUrl = Annotated[str, from_text(_read_https_url), json_string(format="uri", pattern="^https://")]
RingSeconds = Annotated[int, *whole(*RING_RANGE)]
InEveryLanguage = Annotated[
    dict[LanguageCode, Name],
    AfterValidator(_each_language),
    BeforeValidator(_in_every_language, json_schema_input_type=str | dict[LanguageCode, str]),
]
