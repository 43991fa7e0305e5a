"""Mail: what is sent to whom, by a real mail server that takes, refuses, delays and drops."""

import re
import ssl
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError
from support.homes import NOON, TODAY, TOWN, edit, make_real, typed
from support.machines import free_port
from support.mail_server import PASSWORD, USER, Trust, mail_server
from support.stores import database

from ivr.cli.common import Context
from ivr.cli.remind import Post, Round, letters_of, look_at, note_what_lasts
from ivr.config.last_good import LastGood
from ivr.config.live import Live
from ivr.config.reading import read
from ivr.config.versions import Kind, Version, Versions
from ivr.mail.matters import Change
from ivr.mail.message import message
from ivr.mail.server import Outbox, Refused, Unreachable, read_server
from ivr.store.accounts import Accounts
from ivr.store.opening import migrate
from ivr.store.reminders import Reminders
from ivr.store.unanswered import Unanswered, mark

SENDER, OPERATOR = "lijn@balielijn.example", "beheer@balielijn.example"
JO, SAM = "jo@voorbeeldstad.example", "sam@voorbeeldstad.example"
DORP, NACHT = "config/municipalities/dorp.yaml", "config/municipalities/nacht.yaml"
VILLAGE = "dorp@dorp.example"
DAY = timedelta(days=1)
UNCHECKED = "confirmed: 2026-02-11"


@pytest.fixture
def town(tmp_path):
    """Three municipalities, two with addresses: two coordinators of Voorbeeldstad, one of Dorp."""
    home = make_real(tmp_path)
    edit(home, "closed: [2026-12-24]", f"closed: [2026-12-24]\nmail: [{JO}, {SAM}]")
    edit(home, "closed: 2026-11-27", f"closed: 2026-11-27\nmail: {VILLAGE}", DORP)
    (home.root / "state").mkdir()
    migrate(database(home.root / "state"))
    return home


@pytest.fixture
def server():
    with mail_server() as running:
        yield running


@pytest.fixture
def ivr(town, server):
    def run(*arguments, at=NOON, **env):
        url = f"smtp://127.0.0.1:{server.port}"
        own = {"IVR_MAIL": url, "IVR_MAIL_FROM": SENDER, "IVR_MAIL_OPERATOR": OPERATOR, "IVR_STATE": None}
        own |= {"IVR_DATABASE_URL": None, "TWILIO_ACCOUNT_SID": None, "IVR_LANGUAGE": None}
        return typed("--home", town.root, "remind", *arguments, at=at, env=own | env)

    return run


def outdated(home, file=TOWN):
    edit(home, "confirmed: 2026-11-02", UNCHECKED, file)


def bodies(server):
    return [mail.get_content().replace("\r\n", "\n") for mail in server.mails()]


# What is mailed


def test_a_number_to_confirm_is_mailed_to_each_coordinator_of_its_municipality_alone(ivr, town, server):
    outdated(town)
    answer = ivr()
    assert answer.exit_code == 0, answer.output
    assert server.recipients() == [JO, SAM]
    (text, _) = bodies(server)
    assert "contacts[0].confirmed (regel 15)" in text
    assert "contacts[1].confirmed (regel 18)" in text
    assert text.startswith("Beste coördinator,\n")
    assert server.mails()[0]["To"] == JO
    assert SAM not in str(server.mails()[0])
    assert answer.output == "voorbeeldstad mail[0]: gemaild.\nvoorbeeldstad mail[1]: gemaild.\n"


def test_mail_is_in_the_language_of_the_commands(ivr, town, server):
    outdated(town)
    ivr(IVR_LANGUAGE="en")
    assert bodies(server)[0].startswith("Dear coordinator,")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("020-000 00 02", "020-000 00 022", "contacts[0].number (regel 10): Hier staat een fout."),
        ("number: 020-000 00 03", "number: 020-000 00 03\n    until: 2026-11-23", "contacts[1].until (regel"),
        ("number: 020-000 00 03", "number: 020-000 00 03\n    away: 2026-12-01", "contacts (regel 8): In de"),
        ("name: gemeente Voorbeeldstad", "name: [", "Hier staat een fout."),
        ("caller_id", "caller-id", "Hier staat een fout."),
    ],
)
def test_an_error_an_end_and_a_gap_are_mailed_with_their_place(ivr, town, server, old, new, told):
    keep_as_last_good(town)
    edit(town, old, new)
    assert ivr().exit_code == 0
    assert server.recipients() == [JO, SAM]
    assert told in bodies(server)[0]


def keep_as_last_good(home):
    LastGood(home.root / "state").save(home, home.fingerprint())


def test_a_ring_check_without_answer_is_mailed_until_the_number_is_confirmed(ivr, town, server):
    unanswered = Unanswered(database(town.root / "state"))
    unanswered.note("voorbeeldstad", "+31200000003", TODAY - DAY, confirmed=False)
    assert ivr().exit_code == 0
    assert "contacts[1].number: De lijn heeft dit contact gebeld" in bodies(server)[0]
    edit(town, "020-000 00 03\n    confirmed: 2026-11-02", f"020-000 00 03\n    confirmed: {TODAY - DAY}")
    assert "niets te mailen" in ivr(at=NOON + 7 * DAY).output


def test_a_ring_check_of_a_number_that_is_gone_is_nobodys_matter(ivr, town, server):
    unanswered = Unanswered(database(town.root / "state"))
    unanswered.note("voorbeeldstad", "+31200000003", TODAY - DAY, confirmed=False)
    edit(town, "020-000 00 03", "020-000 00 07")
    assert "niets te mailen" in ivr().output


def test_an_error_in_a_shared_file_is_the_operators(ivr, town, server):
    edit(town, "tries: 3", "tries: 0", "config/line.yaml")
    assert ivr().exit_code == 0
    assert server.recipients() == [OPERATOR]
    assert "config/line.yaml: Hier staat een fout." in bodies(server)[0]


def test_an_error_that_no_coordinator_is_told_of_is_the_operators_too(ivr, town, server):
    edit(town, "020-000 02 02", "020-000 02 0", NACHT)
    answer = ivr()
    assert server.recipients() == [OPERATOR]
    assert NACHT in bodies(server)[0]
    assert "Vul een mailadres in bij: nacht" in answer.output


def test_an_example_is_nobodys_matter(ivr, town, server):
    outdated(town)
    for file in town.municipalities():
        edit(town, "example: false", "example: true", file)
    assert "niets te mailen" in ivr().output
    assert server.taken == []


def test_a_change_by_somebody_else_is_mailed_once_and_not_to_who_made_it(town, server):
    change = Change(NOON - DAY, JO, "voorbeeldstad")
    for later in range(10):
        assert tour(town, server, NOON + later * DAY, [change])
    assert server.recipients() == [SAM]
    assert "ivr history voorbeeldstad" in bodies(server)[0]


def published(town, author):
    """A change that somebody publishes in the console, a day before."""
    versions = Versions(town)
    versions.keep(NOON - 2 * DAY, lambda: True)
    text = (town.root / TOWN).read_text("utf-8").replace("020-000 00 03", "020-000 00 07").encode()
    reason = "Jansen is weg, bel 06-12345678"
    versions.record({TOWN: text}, Version(Kind.CONSOLE, author, NOON - DAY, reason=reason))


def test_a_change_in_the_console_is_mailed_to_the_others_and_not_to_who_published_it(ivr, town, server):
    Accounts(database(town.root / "state")).add("Jo Jansen", JO.title(), 0, municipalities=["voorbeeldstad"])
    published(town, "Jo Jansen")
    assert ivr().exit_code == 0
    assert server.recipients() == [SAM]
    (body,) = bodies(server)
    assert "Iemand heeft dit bestand veranderd." in body
    assert "in de console, bij Geschiedenis" in body
    assert not re.search(r"Jansen|\d{3}", body)


@pytest.mark.parametrize("names", [[], ["Jo Jansen", "Jo Jansen"]], ids=["unknown", "of two people"])
def test_a_change_by_who_is_not_known_for_certain_is_mailed_to_all(ivr, town, server, names):
    for place, name in enumerate(names):
        Accounts(database(town.root / "state")).add(name, (JO, SAM)[place], 0, manager=True)
    published(town, "Jo Jansen")
    assert ivr().exit_code == 0
    assert server.recipients() == [JO, SAM]


def test_whom_a_change_takes_out_of_the_list_is_told_of_that_change_and_of_nothing_else(ivr, town, server):
    """Else who gets hold of one account could change a number, and keep the others from knowing."""
    Accounts(database(town.root / "state")).add("Jo Jansen", JO, 0, municipalities=["voorbeeldstad"])
    outdated(town)
    versions = Versions(town)
    versions.keep(NOON - 2 * DAY, lambda: True)
    text = (town.root / TOWN).read_text("utf-8").replace(f"mail: [{JO}, {SAM}]", f"mail: [{JO}]")
    versions.record({TOWN: text.encode()}, Version(Kind.CONSOLE, "Jo Jansen", NOON - DAY))
    assert ivr().exit_code == 0
    assert server.recipients() == [JO, SAM]
    told = bodies(server)[server.recipients().index(SAM)]
    assert "Iemand heeft dit bestand veranderd." in told
    assert "contacts" not in told
    assert ivr(at=NOON + DAY).output == "Er is niets te mailen.\n"


def test_whose_address_is_a_part_of_the_authors_is_told(town, server):
    edit(town, f"mail: [{JO}, {SAM}]", f"mail: [o@voorbeeldstad.example, {JO}]")
    assert tour(town, server, NOON, [Change(NOON - DAY, JO, "voorbeeldstad")])
    assert server.recipients() == ["o@voorbeeldstad.example"]


def test_a_number_that_was_changed_by_hand_without_its_day_is_mailed_to_be_confirmed(ivr, town, server):
    Live(town, lambda: NOON, public=True, last_good=LastGood(town.root / "state"))
    edit(town, "020-000 00 03", "020-000 00 07")
    assert ivr().exit_code == 0
    assert server.recipients() == [JO, SAM]
    assert "contacts[1].confirmed" in bodies(server)[0]


def test_each_version_that_somebody_made_is_a_change_and_a_ring_check_is_none(ivr, town, server):
    versions = Versions(town)
    versions.keep(NOON - 9 * DAY, lambda: True)
    edit(town, "020-000 00 03", "020-000 00 07")
    versions.keep(NOON - 8 * DAY, lambda: True)
    edit(town, "020-000 00 07", "020-000 00 03")
    versions.keep(NOON - DAY, lambda: True)
    path = town.root / DORP
    day = path.read_text("utf-8").replace("confirmed: 2026-11-02", "confirmed: 2026-11-23", 1).encode()
    versions.record({DORP: day}, Version(Kind.RING_CHECK, "", NOON - DAY))
    assert ivr().exit_code == 0
    assert server.recipients() == [JO, SAM]
    assert bodies(server)[0].count("Iemand heeft dit bestand veranderd.") == 1
    assert ivr(at=NOON + DAY).output == "Er is niets te mailen.\n"


def test_versions_that_cannot_be_read_keep_nobody_from_the_rest(ivr, town, server):
    outdated(town)
    (town.root / ".versions").write_text("no folder", "utf-8")
    assert ivr().exit_code == 0
    assert server.recipients() == [JO, SAM]


def tour(home, server, at, changes=(), memory=None):
    """One run of `ivr remind` with changes; whether all mails went well."""
    context = Context(home, "nl", {}, lambda: at)
    memory = memory or Reminders(database(home.root / "state"))
    found = look_at(context, memory, changes)
    written = list(letters_of(found, memory))
    note_what_lasts(memory, found, written)
    post = Post(read_server(f"smtp://127.0.0.1:{server.port}"), SENDER)
    return Round(context, post, memory, found.today).run(written, found)


# What is in no mail


def test_no_mail_holds_a_number_or_the_name_of_a_person_whatever_stands_in_the_files(ivr, town, server):
    """What coordinators type anywhere: numbers where none belong, names as settings, comments."""
    keep_as_last_good(town)
    edit(town, "    ring: 20", "    Jansen 06-12345678: x\n    0612345678: x\n    ring: 020-000 00 99")
    edit(town, "number: 020-000 00 03", "number: 020-000 00 033 (Jansen)")
    edit(town, "  - name: {nl: het piket", "  - name: {0612345678: x, nl: het piket")
    outdated(town, DORP)
    edit(town, "name: gemeente Nacht", "name: Jansen\nmail: nacht@nacht.example\n0612345678: x", NACHT)
    (town.root / "config/municipalities/Jansen 0612345678.yaml").write_text("name: Jansen\n", "utf-8")
    edit(town, "timezone: Europe/Amsterdam", "timezone: Jansen 0612345678", "config/line.yaml")
    answer = ivr()
    assert {*server.recipients()} == {JO, SAM, "nacht@nacht.example", OPERATOR}
    everything = "\n".join([*map(str, server.mails()), *bodies(server), answer.output])
    assert not re.search(r"\d[ -]?(\d[ -]?){5,}", "\n".join(bodies(server)))
    for secret in ("Jansen", "12345678", "0612", "piket", "aandachtsfunctionaris", "wijkteam", "sip:"):
        assert secret not in everything.replace("12345678-", "")


def test_a_refusal_that_quotes_an_address_or_a_number_is_told_by_its_code_alone(ivr, town, server):
    outdated(town)
    server.refused.add(JO)
    answer = ivr()
    assert answer.exit_code == 1
    assert "voorbeeldstad mail[0]: de mailserver weigert dit bericht (550)." in answer.output
    assert not [each for each in (JO, "no mailbox", "020-000") if each in answer.output]


# Who is told again, and when


def test_nobody_gets_the_same_thing_again_before_a_week_has_passed(ivr, town, server):
    outdated(town)
    for days in range(14):
        assert ivr(at=NOON + days * DAY).exit_code == 0
    assert server.recipients() == [JO, SAM] * 2


def test_a_run_that_is_repeated_mails_nothing_twice(ivr, town, server):
    outdated(town)
    ivr()
    assert ivr().output == "Er is niets te mailen.\n"
    assert len(server.taken) == 2


def test_what_begins_later_is_mailed_alone_and_the_rest_is_only_mentioned(ivr, town, server):
    outdated(town)
    ivr()
    edit(town, "number: 020-000 00 03", "number: 020-000 00 03\n    until: 2026-11-24")
    ivr(at=NOON + DAY)
    assert len(server.taken) == 4
    text = bodies(server)[2]
    assert "contacts[1].until" in text
    assert "contacts[0].confirmed" not in text
    assert "waarover u pas bericht kreeg" in text


def test_who_was_refused_is_tried_again_and_nobody_else_is_told_twice(ivr, town, server):
    outdated(town)
    server.refused.add(JO)
    assert ivr().exit_code == 1
    server.refused.clear()
    assert ivr(at=NOON + DAY).exit_code == 0
    assert server.recipients() == [SAM, JO]


def test_a_file_with_an_error_for_a_few_days_does_not_make_the_rest_new(ivr, town, server):
    keep_as_last_good(town)
    outdated(town)
    ivr()
    edit(town, "020-000 00 03", "020-000 00 033")
    for days in (1, 2, 3):
        ivr(at=NOON + days * DAY)
    edit(town, "020-000 00 033", "020-000 00 03")
    ivr(at=NOON + 4 * DAY)
    told = [("fout" in text, UNCHECKED[:9] in text) for text in bodies(server)]
    assert told == [(False, True), (False, True), (True, False), (True, False)]


def test_a_crash_between_the_mail_and_its_note_mails_twice_rather_than_never(town, server):
    outdated(town)

    class Crashing(Reminders):
        def mailed(self, keys, today):
            raise KeyboardInterrupt

    engine = database(town.root / "state")
    with pytest.raises(KeyboardInterrupt):
        tour(town, server, NOON, memory=Crashing(engine))
    assert tour(town, server, NOON + DAY)
    assert server.recipients() == [JO, JO, SAM]


def test_where_nothing_can_be_remembered_nothing_is_mailed(ivr, town, server):
    outdated(town)
    path = town.root / "state/balielijn.db"
    path.write_bytes(b"no database")
    answer = ivr()
    assert (answer.exit_code, "kan niet worden gelezen of geschreven" in answer.output) == (1, True)
    path.unlink()
    answer = ivr()
    assert (answer.exit_code, "Start eerst de lijn" in answer.output) == (1, True)
    assert not path.exists()
    assert server.taken == []


def test_a_memory_that_cannot_be_written_is_noticed_before_anything_is_mailed(town, server):
    outdated(town)

    class Full(Reminders):
        def tidy(self, today):
            raise OperationalError("DELETE", {}, Exception("disk full"))

    with pytest.raises(OperationalError):
        tour(town, server, NOON, memory=Full(database(town.root / "state")))
    assert server.taken == []


def test_what_is_remembered_holds_no_address_and_no_number(ivr, town, server):
    outdated(town)
    ivr()
    Unanswered(database(town.root / "state")).note("voorbeeldstad", "+31200000003", TODAY, confirmed=False)
    kept = (town.root / "state/balielijn.db").read_bytes()
    assert b"voorbeeldstad" in kept
    for secret in (b"jo@", b"sam@", b"0000003", b"+31"):
        assert secret not in kept


# The server


def test_one_refusal_or_drop_keeps_nobody_else_from_a_mail(ivr, town, server):
    outdated(town)
    outdated(town, DORP)
    server.moods = ["refuses", "takes", "takes"]
    assert ivr().exit_code == 1
    assert server.recipients() == [JO, SAM]
    assert ivr(at=NOON + DAY).exit_code == 0
    assert server.recipients() == [JO, SAM, VILLAGE]


def test_a_connection_that_drops_is_made_anew(ivr, town, server):
    outdated(town)
    outdated(town, DORP)
    server.moods = ["takes", "drops", "takes", "takes"]
    assert ivr().exit_code == 0
    assert server.recipients() == [VILLAGE, JO, SAM]
    assert server.connections == 2


def test_a_mail_whose_answer_is_lost_is_mailed_again(ivr, town, server):
    outdated(town)
    server.moods = ["forgets"]
    assert ivr().exit_code == 1
    assert ivr(at=NOON + DAY).exit_code == 0
    assert server.recipients() == [JO, SAM, JO]


def test_a_server_that_stays_away_is_not_asked_for_ever(ivr, town, server):
    outdated(town)
    outdated(town, DORP)
    edit(town, "name: gemeente Nacht", "name: gemeente Nacht\nmail: nacht@nacht.example", NACHT)
    outdated(town, NACHT)
    answer = ivr(IVR_MAIL=f"smtp://127.0.0.1:{free_port()}")
    assert answer.exit_code == 1
    assert answer.output.count("ConnectionRefusedError") == 3
    assert answer.output.endswith("De andere berichten gaan de volgende keer mee.\n")


@pytest.fixture(scope="module")
def trust():
    return Trust()


def mail():
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    return message(SENDER, JO, "Iets te doen", "x\n", moment=moment, ident=UUID(int=1))


def send(url, tls=None, patience=5.0):
    with Outbox(read_server(url), SENDER, tls or ssl.create_default_context(), patience) as outbox:
        outbox.send(mail(), JO)


def test_a_server_that_does_not_answer_is_waited_for_no_longer_than_is_said(server):
    server.moods = ["sleeps"]
    with pytest.raises(Unreachable, match="TimeoutError"):
        send(f"smtp://127.0.0.1:{server.port}", patience=0.3)


SIGN_IN = f"{USER.replace('@', '%40')}:{PASSWORD.replace('@', '%40').replace('/', '%2F').replace(':', '%3A')}"


@pytest.mark.parametrize("security", ["smtps", "smtp+starttls"])
def test_a_mail_goes_encrypted_to_a_server_whose_certificate_is_good(trust, security):
    with mail_server(security, trust, signs_in=True) as server:
        send(f"{security}://{SIGN_IN}@127.0.0.1:{server.port}", trust.client())
        assert server.recipients() == [JO]
        assert set(server.signed_in) == {(USER, PASSWORD)}


@pytest.mark.parametrize("security", ["smtps", "smtp+starttls"])
@pytest.mark.parametrize("fault", ["stranger", "name"])
def test_neither_a_mail_nor_a_password_goes_to_a_server_whose_certificate_is_not(trust, security, fault):
    theirs = Trust() if fault == "stranger" else Trust("mail.example")
    client = (trust if fault == "stranger" else theirs).client()
    with mail_server(security, theirs, signs_in=True) as server:
        with pytest.raises(Unreachable, match="certificate"):
            send(f"{security}://{SIGN_IN}@127.0.0.1:{server.port}", client)
        assert (server.taken, server.signed_in) == ([], [])


def test_a_server_without_starttls_gets_no_password_in_clear(server):
    with pytest.raises(Unreachable, match="SMTPNotSupportedError"):
        send(f"smtp+starttls://{SIGN_IN}@127.0.0.1:{server.port}")
    assert (server.taken, server.signed_in) == ([], [])


def test_a_wrong_password_is_told_by_its_code(trust):
    with mail_server("smtps", trust, signs_in=True) as server:
        with pytest.raises(Unreachable, match=r"^535$"):
            send(f"smtps://jo:wrong@127.0.0.1:{server.port}", trust.client())
        assert server.taken == []


def test_the_server_is_greeted_with_the_domain_of_the_sender_and_not_with_the_name_of_the_machine(server):
    send(f"smtp://127.0.0.1:{server.port}")
    assert server.greeted == ["balielijn.example"]


def test_a_refusal_of_the_recipient_is_the_mails_own(server):
    server.refused.add(JO)
    with pytest.raises(Refused, match="550"):
        send(f"smtp://127.0.0.1:{server.port}")


# Without mailing, and for the operator


def test_a_dry_run_prints_what_would_be_mailed_to_whom_and_remembers_nothing(ivr, town, server):
    outdated(town)
    answer = ivr("--dry-run", IVR_MAIL=None, IVR_MAIL_FROM=None)
    assert answer.exit_code == 0
    assert re.findall(r"^Aan: (.+)$", answer.output, re.MULTILINE) == [JO, SAM]
    assert "Onderwerp: Balielijn: er is iets te doen (voorbeeldstad)\n\nBeste coördinator," in answer.output
    assert server.taken == []
    ivr()
    assert len(server.taken) == 2
    assert ivr("--dry-run").output == "Er is niets te mailen.\n"


def test_a_dry_run_needs_no_store(ivr, town, server):
    outdated(town)
    (town.root / "state/balielijn.db").unlink()
    assert JO in ivr("--dry-run").output
    assert not (town.root / "state/balielijn.db").exists()


def test_a_unit_that_failed_is_mailed_to_the_operator_with_its_name_and_where_to_look(ivr, server):
    assert ivr("--failed", "balielijn-doctor.service").exit_code == 0
    assert server.recipients() == [OPERATOR]
    text = bodies(server)[0]
    assert "De dienst balielijn-doctor.service is mislukt." in text
    assert "journalctl -u balielijn-doctor.service" in text


def test_a_unit_that_fails_day_after_day_is_mailed_once_a_week_and_another_at_once(ivr, server):
    for days in range(8):
        ivr("--failed", "balielijn-doctor.service", at=NOON + days * DAY)
        ivr("--failed", "balielijn-doctor.service", at=NOON + days * DAY)
    assert len(server.taken) == 2
    ivr("--failed", "balielijn-backup.service")
    ivr("--failed", "balielijn-doctor.service", at=NOON + 10 * DAY)
    assert len(server.taken) == 4


def test_a_unit_that_fails_because_of_the_database_is_mailed_nevertheless(ivr, town, server):
    (town.root / "state/balielijn.db").write_bytes(b"no database")
    assert ivr("--failed", "balielijn-backup.service").exit_code == 0
    (town.root / "state/balielijn.db").unlink()
    assert ivr("--failed", "balielijn-backup.service").exit_code == 0
    assert server.recipients() == [OPERATOR] * 2


@pytest.mark.parametrize("unit", ["", "a b", "a\nBcc: x@y.example", "x" * 200])
def test_what_is_no_name_of_a_unit_is_refused(ivr, server, unit):
    assert ivr("--failed", unit).exit_code == 2
    assert server.taken == []


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"IVR_MAIL": None}, "IVR_MAIL ontbreekt"),
        ({"IVR_MAIL": "mail.example/geheim"}, "IVR_MAIL is geen mailserver"),
        ({"IVR_MAIL": "smtp://jo:geheim@mail.example"}, "onversleuteld"),
        ({"IVR_MAIL_FROM": None}, "IVR_MAIL_FROM ontbreekt"),
        ({"IVR_MAIL_FROM": "geheim"}, "IVR_MAIL_FROM is geen mailadres"),
        ({"IVR_MAIL_OPERATOR": "geheim"}, "IVR_MAIL_OPERATOR is geen mailadres"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_told_and_not_quoted(ivr, env, told):
    answer = ivr(**env)
    assert (answer.exit_code, told in " ".join(answer.output.split())) == (2, True), answer.output
    assert "geheim" not in answer.output


def test_the_user_of_the_server_is_the_sender_where_no_other_is_set(ivr, town, trust, tmp_path):
    outdated(town)
    authority = tmp_path / "authority.pem"
    trust.authority.cert_pem.write_to_path(authority)
    with mail_server("smtps", trust, signs_in=True) as server:
        url = f"smtps://{SIGN_IN}@127.0.0.1:{server.port}"
        answer = ivr(IVR_MAIL=url, IVR_MAIL_FROM=None, SSL_CERT_FILE=str(authority))
        assert answer.exit_code == 0, answer.output
        assert server.mails()[0]["From"] == f"Balielijn <{USER}>"


def test_without_an_operator_a_failure_cannot_be_mailed_and_that_is_told(ivr):
    answer = ivr("--failed", "balielijn-doctor.service", IVR_MAIL_OPERATOR=None)
    assert (answer.exit_code, "IVR_MAIL_OPERATOR ontbreekt" in answer.output) == (2, True)


# What is stored of ring checks


def test_a_ring_check_is_stored_without_its_number_and_replaced_by_the_next(tmp_path):
    engine = database(tmp_path)
    migrate(engine)
    unanswered = Unanswered(engine)
    unanswered.note("dorp", "+31200000102", date(2026, 1, 6), confirmed=False)
    unanswered.note("dorp", "+31200000102", date(2026, 2, 3), confirmed=False)
    assert unanswered.all() == {("dorp", mark("dorp", "+31200000102")): date(2026, 2, 3)}
    unanswered.note("dorp", "+31200000103", date(2026, 2, 3), confirmed=True)
    assert len(unanswered.all()) == 1
    unanswered.note("dorp", "+31200000102", date(2026, 2, 3), confirmed=True)
    assert unanswered.all() == {}
    unanswered.note("dorp", "+31200000102", date(2026, 2, 3), confirmed=False)
    unanswered.note("nacht", "+31200000202", date(2026, 7, 7), confirmed=False)
    assert [slug for slug, _ in unanswered.all()] == ["nacht"]


def test_the_digits_that_stand_for_a_contact_tell_contacts_apart_and_not_their_numbers():
    marks = {mark("dorp", f"+3120{number:07}") for number in range(20)}
    assert len(marks) == 20
    assert all(re.fullmatch("[0-9a-f]{4}", each) for each in marks)


def test_the_example_home_reads_as_before(town):
    assert read(town, NOON).line.municipalities["dorp"].mail == (VILLAGE,)
