"""Who is mailed what: when it begins, once a week while it lasts, and nothing that is a number or a name."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import translations
from ivr.mail.letters import Letter, Remembered, digest, is_due, key, letters
from ivr.mail.matters import (
    OPERATOR,
    Change,
    Kind,
    Matter,
    of_changes,
    of_findings,
    setting,
    slug_of,
    together,
)
from ivr.mail.message import message
from ivr.mail.server import BadUrl, Security, read_server
from ivr.model.findings import Finding, Severity
from ivr.report import reminder

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
TOWN = "config/municipalities/voorbeeldstad.yaml"
JO, SAM = "jo@voorbeeldstad.example", "sam@voorbeeldstad.example"
GAP = Matter(Kind.GAP, "contacts", "02-01-2027 17:00")


def told(days):
    """The days on which a matter is mailed that is there on some days; each day is looked once."""
    known, mailed = None, []
    for day in days:
        if is_due(GAP, known, day):
            mailed.append(day)
            known = Remembered(day, day)
        else:
            known = Remembered(known.mailed, day)
    return mailed


def test_what_lasts_is_mailed_when_it_begins_and_once_a_week():
    days = [TODAY + DAY * offset for offset in range(20)]
    assert told(days) == [TODAY, TODAY + 7 * DAY, TODAY + 14 * DAY]


def test_what_is_over_and_begins_again_is_mailed_at_once():
    assert told([TODAY, TODAY + DAY, TODAY + 3 * DAY]) == [TODAY, TODAY + 3 * DAY]


def test_a_day_that_was_noted_while_the_clock_was_wrong_keeps_nobody_from_a_mail():
    assert is_due(GAP, Remembered(TODAY + 400 * DAY, TODAY + 400 * DAY), TODAY)


@given(st.sets(st.integers(0, 60)))
def test_nobody_gets_the_same_thing_within_a_week_while_it_lasts_and_nothing_is_kept_back_longer(offsets):
    days = [TODAY + DAY * offset for offset in sorted(offsets)]
    mailed = told(days)
    for day in days:
        before = [each for each in mailed if each <= day]
        assert before
        assert day - before[-1] < 7 * DAY
    for one, other in pairwise(mailed):
        lasted = all(one + DAY * step in days for step in range((other - one).days))
        assert other - one >= 7 * DAY or not lasted


def write(matters, addresses, remembered=()):
    return list(letters("voorbeeldstad", matters, addresses, dict(remembered), TODAY))


def test_each_address_gets_a_letter_of_its_own_however_often_it_is_written():
    made = write([GAP], [JO, SAM, JO.upper()])
    assert [(each.address, each.index, each.matters) for each in made] == [(JO, 0, (GAP,)), (SAM, 1, (GAP,))]


def test_who_was_told_is_not_told_again_with_who_was_not():
    remembered = {key(JO.upper(), "voorbeeldstad", GAP): Remembered(TODAY - DAY, TODAY - DAY)}
    first, second = write([GAP], [JO, SAM], remembered)
    assert (first.matters, first.known) == ((), (GAP,))
    assert (second.matters, second.known) == ((GAP,), ())


def test_another_gap_is_mailed_though_the_first_still_lasts():
    other = Matter(Kind.GAP, "contacts", "open")
    remembered = {key(JO, "voorbeeldstad", GAP): Remembered(TODAY - DAY, TODAY - DAY)}
    (letter,) = write([GAP, other], [JO], remembered)
    assert (letter.matters, letter.known) == ((other,), (GAP,))


def test_a_change_is_told_once_and_to_others_than_who_made_it():
    moment = datetime(2026, 11, 23, 12, tzinfo=UTC)
    changes = [
        Change(moment, JO.title(), "voorbeeldstad"),
        Change(moment + DAY, "", "voorbeeldstad"),
    ]
    by_jo, by_hand = of_changes(changes)["voorbeeldstad"]
    jo, sam = write([by_jo, by_hand], [JO, SAM])
    assert (jo.matters, sam.matters) == ((by_hand,), (by_jo, by_hand))
    remembered = {each: Remembered(TODAY - 20 * DAY, TODAY - 20 * DAY) for each in sam.keys(sam.matters)}
    assert write([by_jo, by_hand], [SAM], remembered)[0].matters == ()


def test_what_is_remembered_holds_no_address():
    assert JO not in str(key(JO, "voorbeeldstad", GAP))
    assert digest(JO) == digest(JO.upper()) != digest(SAM)


def finding(code, path, severity=Severity.WARNING, file=TOWN, **values):
    parts = tuple(int(part) if part.isdigit() else part for part in path.split(".") if part)
    return Finding(code, file, parts, values, 7, severity)


TUESDAY = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def test_errors_gaps_old_numbers_and_ends_are_matters_and_other_warnings_are_not():
    found = of_findings(
        [
            finding("number-invalid", "contacts.0.number", Severity.ERROR, text="020-000 00 022"),
            finding("contact-stale", "contacts.1.confirmed", text="2026-01-01"),
            finding("contact-unconfirmed", "contacts.2.confirmed"),
            finding("gap", "contacts", since=TUESDAY, until=TUESDAY + timedelta(days=3)),
            finding("gap-open", "contacts", since=TUESDAY),
            finding("until-passed", "contacts.1.until", text="2026-11-01"),
            finding("callers-missing", ""),
            finding("gap-more", "contacts"),
        ]
    )
    assert found == {
        "voorbeeldstad": (
            Matter(Kind.ERROR, "contacts[0].number", line=7),
            Matter(Kind.CONFIRM, "contacts[1].confirmed", line=7),
            Matter(Kind.CONFIRM, "contacts[2].confirmed", line=7),
            Matter(Kind.GAP, "contacts", "27-11-2026 08:30", line=7),
            Matter(Kind.GAP, "contacts", "open", line=7),
            Matter(Kind.ENDED, "contacts[1].until", line=7),
        )
    }


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("contacts", 1, "number"), "contacts[1].number"),
        (("contacts", 1, "from"), "contacts[1].from"),
        (("contacts", 0, "name", "nl"), "contacts[0].name.nl"),
        (("contacts", 0, "bel Jansen op 020-000 00 02"), "contacts[0]"),
        (("contacts", 0, "0200000002"), "contacts[0]"),
        (("0612345678",), ""),
        (("\u0660\u0666", "contacts"), ""),
        (("contacts",) * 20, "contacts.contacts.contacts.contacts"),
    ],
)
def test_a_place_is_shown_as_far_as_it_is_made_of_our_words(path, shown):
    assert setting(path) == shown


@pytest.mark.parametrize(
    "file",
    [
        *("config/line.yaml", "prompts/nl.yaml", "config/municipalities", "."),
        "config/municipalities/Jansen 0612345678.yaml",
        "config/municipalities/voorbeeldstad.yml",
    ],
)
def test_what_is_no_file_of_a_municipality_is_the_operators(file):
    assert slug_of(file) == OPERATOR
    (matter,) = of_findings([finding("file-name", "", Severity.ERROR, file=file)])[OPERATOR]
    assert "0612345678" not in matter.place


def test_matters_of_several_sources_are_put_together():
    assert together({"a": (GAP,)}, {"b": (GAP,), "a": ()}, {"a": (GAP,)}) == {"a": (GAP, GAP), "b": (GAP,)}


@pytest.mark.parametrize("language", translations.LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_words_with_what_to_do_in_every_language(kind, language):
    slug = OPERATOR if kind is Kind.FAILED else "voorbeeldstad"
    matter = Matter(kind, "contacts[1].number", line=12)
    text = reminder.text(Letter(JO, 0, slug, (matter,), (GAP,)), language)
    assert translations.say("what-to-do", language, remedy="")[:8] in text
    assert "contacts[1].number" in text
    assert "{" not in text


def test_the_same_words_are_said_once():
    other = Matter(Kind.GAP, "contacts", "open")
    text = reminder.text(Letter(JO, 0, "voorbeeldstad", (GAP, other), ()), "nl")
    assert text.count("contacts:") == 1


def mail(**more):
    values = {"sender": "lijn@balielijn.example", "recipient": JO, "subject": "Iets te doen", "text": "één\n"}
    return message(**values | more, moment=datetime(2026, 11, 24, 7, tzinfo=UTC), ident=UUID(int=5))


def test_a_mail_is_plain_text_and_made_by_a_program_and_tells_nothing_of_the_machine():
    made = mail(text=f"één {'lang ' * 100}\n")
    assert max(map(len, made.as_bytes().splitlines())) <= 78
    assert dict(made) == {
        "From": "Balielijn <lijn@balielijn.example>",
        "To": JO,
        "Subject": "Iets te doen",
        "Date": "Tue, 24 Nov 2026 07:00:00 +0000",
        "Message-ID": "<00000000-0000-0000-0000-000000000005@balielijn.example>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
        "MIME-Version": "1.0",
    }
    assert b"\r\n\r\n=C3=A9=C3=A9n lang" in made.as_bytes()


@pytest.mark.parametrize("name", ["sender", "recipient", "subject"])
@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n"])
def test_nothing_in_a_header_makes_another_header(name, line_break):
    with pytest.raises(ValueError, match=r"(?i)header"):
        mail(**{name: f"jo@voorbeeldstad.example{line_break}Bcc: sam@voorbeeldstad.example"})


@pytest.mark.parametrize(
    ("url", "security", "host", "port", "user", "password"),
    [
        ("smtp://10.0.0.5", Security.NONE, "10.0.0.5", 25, "", ""),
        ("smtp+starttls://u:p@mail.example", Security.STARTTLS, "mail.example", 587, "u", "p"),
        ("smtps://jo%40x.nl:p%40%2F%3A@x.nl:465/", Security.TLS, "x.nl", 465, "jo@x.nl", "p@/:"),
        ("smtp://u:p@127.0.0.1:2525", Security.NONE, "127.0.0.1", 2525, "u", "p"),
    ],
)
def test_a_mail_server_is_read_from_its_url(url, security, host, port, user, password):
    server = read_server(url)
    assert (server.security, server.host, server.port) == (security, host, port)
    assert (server.user, server.password) == (user, password)


def test_a_server_shows_nobody_its_password():
    shown = repr(read_server("smtps://jo:geheim@mail.example"))
    assert ("geheim" in shown, "mail.example" in shown) == (False, True)


@pytest.mark.parametrize(
    "url",
    [
        *("mail.example", "http://mail.example", "smtp://", "smtps://u@mail.example", "smtps://h:port"),
        *(
            "smtps://mail.example/inbox",
            "smtps://mail.example?a=b",
            "smtps://[",
        ),
    ],
)
def test_what_is_no_mail_server_is_refused(url):
    with pytest.raises(BadUrl, match="unreadable"):
        read_server(url)


@pytest.mark.parametrize("host", ["mail.example", "10.0.0.5", "localhost.example"])
def test_a_password_never_goes_unencrypted_to_another_machine(host):
    with pytest.raises(BadUrl, match="plain"):
        read_server(f"smtp://u:p@{host}")
