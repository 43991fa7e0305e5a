"""Two people and one file: drafts, a change by somebody else meanwhile, and four eyes."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from support.forms import Form, press, text_of
from support.homes import NOON, TOWN, edit, file_of

from ivr.config.reading import read
from ivr.config.versions import Versions
from ivr.console.editing.state import State, digest
from ivr.disk.locking import locked

PAGE = "/gemeente/voorbeeldstad"
NEW = {"contacts-0-number": "020-000 00 07"}


@pytest.fixture
def bert(console):
    return console.signed_in(console.account("Bert", municipalities=["voorbeeldstad"]))


def checked(browser, typed, page=None):
    return press(browser, page or browser.get(PAGE).text, "Nakijken", typed).text


def published(browser, typed):
    return press(browser, checked(browser, typed), "Publiceren").text


def kept(browser, typed):
    """The page of the draft that was kept."""
    return press(browser, browser.get(PAGE).text, "Concept bewaren", typed).text


def numbers(home):
    return [each.number for each in read(home, NOON).line.municipalities["voorbeeldstad"].contacts]


def with_four_eyes(home):
    path = home.root / TOWN
    path.write_text(f"{path.read_text('utf-8')}approve: true\n", "utf-8")


def test_the_second_of_two_is_shown_what_the_first_changed_and_loses_nothing(home, anna, bert):
    annas = checked(anna, NEW)
    published(bert, {"contacts-1-number": "020-000 00 08"})
    before = file_of(home)
    page = press(anna, annas, "Publiceren").text
    assert file_of(home) == before
    told = text_of(page)
    assert "Een ander heeft dit intussen veranderd" in told
    assert "Bert, 24-11-2026 12:00." in told
    assert "<del>number: 020-000 00 03</del>" in page
    assert "<ins>number: 020-000 00 08</ins>" in page
    assert "Publiceren" not in Form(page, "form").buttons
    page = press(anna, page, "Mijn wijziging hieraan toevoegen").text
    assert "<del>number: 020-000 00 02</del>" in page
    assert "020-000 00 08</ins>" not in page
    press(anna, page, "Publiceren")
    assert numbers(home) == ["+31200000007", "+31200000008"]


def test_where_both_changed_the_same_number_the_second_sees_both(home, anna, bert):
    annas = checked(anna, NEW)
    published(bert, {"contacts-0-number": "020-000 00 08"})
    page = press(anna, annas, "Nakijken").text
    page = press(anna, page, "Mijn wijziging hieraan toevoegen").text
    assert "<del>number: 020-000 00 08</del>" in page
    assert "<ins>number: 020-000 00 07</ins>" in page


def test_a_contact_that_somebody_else_removed_or_added_is_told_apart(home, anna, bert):
    annas = checked(anna, {"contacts-1-number": "020-000 00 09"})
    page = press(bert, bert.get(PAGE).text, "Weghalen", place=0).text
    press(bert, press(bert, page, "Nakijken").text, "Publiceren")
    page = press(anna, annas, "Nakijken").text
    page = press(anna, page, "Mijn wijziging hieraan toevoegen").text
    press(anna, page, "Publiceren")
    assert numbers(home) == ["+31200000009"]


def test_a_change_between_the_look_and_the_writing_is_refused(home, anna, monkeypatch):
    page = checked(anna, NEW)
    real = Versions.current

    def edited_meanwhile(self, file):
        if file == TOWN and not edited_meanwhile.done:
            edited_meanwhile.done = True
            found = real(self, file)
            edit(home, "020-000 00 03", "020-000 00 08")
            return found
        return real(self, file)

    edited_meanwhile.done = False
    monkeypatch.setattr(Versions, "current", edited_meanwhile)
    page = press(anna, page, "Publiceren").text
    assert "Een ander heeft dit intussen veranderd" in page
    assert "020-000 00 02" in file_of(home)


def test_a_draft_is_kept_also_with_errors_and_changes_nothing(home, anna, bert):
    before = file_of(home)
    page = kept(anna, {"contacts-0-number": "112"})
    assert "Het concept is bewaard." in page
    assert Form(page, "form").fields["contacts-0-number"] == "112"
    assert file_of(home) == before
    assert "U hebt een concept" in anna.get(PAGE).text
    assert "Anna heeft een concept" in bert.get(PAGE).text


def test_a_draft_is_gone_on_with_and_published_once(home, anna, console):
    page = kept(anna, NEW)
    page = checked(anna, {"contacts-1-number": "020-000 00 08"}, page)
    press(anna, page, "Publiceren")
    assert numbers(home) == ["+31200000007", "+31200000008"]
    assert console.stores.drafts.all() == []


def test_a_draft_keeps_the_layout_that_publishing_at_once_gives(home, anna):
    page = kept(anna, {"contacts-0-hours": "ma-vr 09:00-12:00", "mail": "a@voorbeeldstad.example"})
    before = file_of(home)
    press(anna, checked(anna, {}, page), "Publiceren")
    expected = before.replace("[ma-vr 08:30-17:00]", "[ma-vr 09:00-12:00]")
    assert file_of(home) == f"{expected}mail: [a@voorbeeldstad.example]\n"


def test_a_hand_edit_during_a_draft_is_shown_and_never_merged_unseen(home, anna, console):
    Versions(home).keep(NOON, lambda: True)
    kept(anna, NEW)
    edit(home, "020-000 00 03", "020-000 00 08")
    Versions(home).keep(NOON + timedelta(minutes=1), lambda: True)
    (draft,) = console.stores.drafts.all()
    page = anna.get(f"{PAGE}/concept/{draft.id}").text
    assert "Dit concept is van vóór een andere wijziging" in page
    assert "<ins>number: 020-000 00 08</ins>" in page
    assert "Publiceren" not in Form(page, "form").buttons
    page = anna.get(f"{PAGE}?concept={draft.id}").text
    assert "Een ander heeft dit intussen veranderd" in page
    assert "met de hand" in text_of(page)
    page = press(anna, page, "Mijn wijziging hieraan toevoegen").text
    press(anna, page, "Publiceren")
    assert numbers(home) == ["+31200000007", "+31200000008"]


def test_a_draft_whose_base_nobody_kept_says_so(home, anna, console):
    kept(anna, NEW)
    edit(home, "020-000 00 03", "020-000 00 08")
    (draft,) = console.stores.drafts.all()
    page = anna.get(f"{PAGE}?concept={draft.id}").text
    assert "is niet meer te zien" in page
    assert "Publiceren" not in Form(page, "form").buttons
    page = press(anna, page, "Mijn wijziging hieraan toevoegen").text
    assert "<del>number: 020-000 00 08</del>" in page  # what the draft would put back is shown


def test_a_draft_is_thrown_away(anna, console):
    kept(anna, NEW)
    (draft,) = console.stores.drafts.all()
    url = f"{PAGE}/concept/{draft.id}"
    page = press(anna, anna.get(url).text, "Concept weggooien").text
    assert "Het concept is weg." in page
    assert console.stores.drafts.all() == []
    assert anna.get(url).status_code == 404


def test_a_draft_of_another_municipality_is_not_there(console, anna):
    kept(anna, NEW)
    (draft,) = console.stores.drafts.all()
    other = console.coordinator("dorp")
    assert other.get(f"/gemeente/dorp/concept/{draft.id}").status_code == 404
    assert other.get(f"/gemeente/dorp?concept={draft.id}").status_code == 404
    assert other.get(f"/gemeente/dorp/wie?concept={draft.id}").status_code == 404


def test_who_wrote_a_change_does_not_publish_it(home, anna, bert, console):
    with_four_eyes(home)
    before = file_of(home)
    page = checked(anna, NEW)
    form = Form(page, "form")
    assert "Publiceren" not in form.buttons
    anna.post(PAGE, {**form.fields, "do": "publish"})
    assert file_of(home) == before
    page = press(anna, page, "Voorleggen", {"reason": "nieuw toestel"}).text
    assert "Dit wacht op een van: Bert." in text_of(page)
    assert "U hebt dit zelf geschreven." in page
    (draft,) = console.stores.drafts.all()
    url = f"{PAGE}/concept/{draft.id}"
    form = Form(anna.get(url).text, "form")
    assert "Publiceren" not in form.buttons
    anna.post(url, {**form.fields, "do": "publish"})
    assert file_of(home) == before


def test_a_second_one_sees_what_waits_and_publishes_it(home, anna, bert, console):
    with_four_eyes(home)
    press(anna, checked(anna, NEW), "Voorleggen", {"reason": "nieuw toestel"})
    overview = bert.get("/").text
    assert "Anna legt een wijziging voor." in overview
    (draft,) = console.stores.drafts.all()
    url = f"{PAGE}/concept/{draft.id}"
    assert url in overview
    page = bert.get(url).text
    assert "<ins>number: 020-000 00 07</ins>" in page
    press(bert, page, "Publiceren")
    assert numbers(home)[0] == "+31200000007"
    (version, *_) = Versions(home).listed("voorbeeldstad")
    assert (version.author, version.reason) == ("Bert", "nieuw toestel (geschreven door Anna)")
    assert console.stores.drafts.all() == []


def test_what_the_second_one_changes_is_a_change_of_that_one(home, anna, bert, console):
    with_four_eyes(home)
    press(anna, checked(anna, NEW), "Voorleggen")
    (draft,) = console.stores.drafts.all()
    page = bert.get(f"{PAGE}?concept={draft.id}").text
    page = checked(bert, {"contacts-1-number": "020-000 00 08"}, page)
    assert "Publiceren" not in Form(page, "form").buttons


def test_what_was_looked_at_is_what_is_published(home, anna, bert, console):
    with_four_eyes(home)
    press(anna, checked(anna, NEW), "Voorleggen")
    (draft,) = console.stores.drafts.all()
    url = f"{PAGE}/concept/{draft.id}"
    seen = bert.get(url).text
    drafts = console.stores.drafts
    drafts.save(
        TOWN, draft.content.replace("00 07", "00 66"), base=draft.base, author="Anna", account=draft.account
    )
    assert bert.post(url, {**Form(seen, "form").fields, "do": "publish"}).status_code == 404
    (other,) = drafts.all()
    form = Form(seen, "form").fields
    bert.post(f"{PAGE}/concept/{other.id}", {**form, "do": "publish"})
    assert numbers(home)[0] == "+31200000002"


def test_a_draft_is_given_back_to_its_writer(home, anna, bert, console):
    with_four_eyes(home)
    press(anna, checked(anna, NEW), "Voorleggen")
    (draft,) = console.stores.drafts.all()
    page = press(bert, bert.get(f"{PAGE}/concept/{draft.id}").text, "Teruggeven aan de schrijver").text
    assert "teruggegeven aan Anna" in page
    assert [each.waiting for each in console.stores.drafts.all()] == [False]
    assert "U hebt een concept" in anna.get(PAGE).text


def test_asking_for_four_eyes_no_more_needs_four_eyes(home, anna):
    with_four_eyes(home)
    page = press(anna, anna.get(PAGE).text, "Nakijken", unticked=["approve"]).text
    assert "Publiceren" not in Form(page, "form").buttons
    assert "Voorleggen" in Form(page, "form").buttons


def test_putting_back_what_was_before_four_eyes_does_not_end_them(home, anna):
    Versions(home).keep(NOON, lambda: True)
    edit(home, "020-000 00 03", "020-000 00 08")
    with_four_eyes(home)
    Versions(home).keep(NOON + timedelta(minutes=1), lambda: True)
    first = Versions(home).listed("voorbeeldstad")[-1]
    page = anna.get(f"{PAGE}/geschiedenis/{first.id}").text
    press(anna, page, "Terugzetten", ident=None, at=f"{PAGE}/geschiedenis/{first.id}")
    assert "020-000 00 03" in file_of(home)
    assert "approve: true" in file_of(home)


def test_four_eyes_are_not_evaded_with_a_form_of_ones_own(home, anna, console):
    with_four_eyes(home)
    before = file_of(home)
    form = Form(checked(anna, NEW), "form").fields
    for slug, secret in (("dorp", console.outside.secret), ("voorbeeldstad", b"guessed")):
        state = State(before, before.replace("approve: true", ""), digest(before))
        sent = {**form, "state": state.packed(secret, slug), "do": "publish"}
        assert anna.post(PAGE, sent).status_code == 400
    assert file_of(home) == before


@pytest.mark.parametrize("value", ["true", "ja", "yes", "misschien", ""])
def test_whatever_is_no_clear_no_asks_for_four_eyes(home, anna, value):
    edit(home, "closed:", f"approve: {value}\nclosed:")
    page = checked(anna, NEW)
    assert "Publiceren" not in Form(page, "form").buttons


def test_who_is_away_today_never_waits(home, anna):
    with_four_eyes(home)
    published(anna, {"contacts-0-away": "24-11-2026 t/m 27-11-2026"})
    assert "away: [2026-11-24 - 2026-11-27]" in file_of(home)


@pytest.mark.parametrize(
    "typed",
    [
        {"contacts-0-away": "25-11-2026"},
        {"contacts-0-away": "24-11-2026", "contacts-1-number": "020-000 00 66"},
        {"contacts-0-away": "24-11-2026", "closed": ""},
    ],
)
def test_what_is_more_than_an_absence_of_today_waits(home, anna, typed):
    with_four_eyes(home)
    assert "Publiceren" not in Form(checked(anna, typed), "form").buttons


def test_who_is_away_for_longer_than_a_month_waits_for_somebody_else(home, anna):
    with_four_eyes(home)
    assert (
        "Publiceren" in Form(checked(anna, {"contacts-0-away": "24-11-2026 t/m 25-12-2026"}), "form").buttons
    )
    page = checked(anna, {"contacts-0-away": "24-11-2026 t/m 26-12-2026"})
    assert "Publiceren" not in Form(page, "form").buttons


def test_a_draft_that_the_database_does_not_take_leaves_what_was_typed(anna, monkeypatch, console):
    page = anna.get(PAGE).text

    def full(*_, **__):
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr("ivr.store.drafts.Drafts.save", full)
    page = press(anna, page, "Concept bewaren", NEW).text
    assert "Het concept kon niet worden bewaard." in page
    assert Form(page, "form").fields["contacts-0-number"] == "020-000 00 07"


def test_a_lock_that_a_crash_left_does_not_stop_publishing(home, anna):
    published(anna, NEW)
    (home.root / ".versions/repository/refs/heads/versions.lock").touch()
    published(anna, {"contacts-0-number": "020-000 00 08"})
    assert numbers(home)[0] == "+31200000008"
    assert Versions(home).listed("voorbeeldstad")[0].author == "Anna"


def test_somebody_who_holds_the_versions_for_long_is_told(home, anna, monkeypatch):
    page = checked(anna, NEW)
    Versions(home).keep(NOON, lambda: True)
    monkeypatch.setattr("ivr.console.publishing._PATIENCE", 0)
    with locked(home.root / ".versions/alone", 0):
        page = press(anna, page, "Publiceren").text
    assert "Niet gepubliceerd." in page
    assert numbers(home)[0] == "+31200000002"


@pytest.mark.parametrize("number", ["0906-1234567", "+882 16 1234567", "+44 20 7946 0000"])
def test_a_number_that_costs_extra_is_published_by_a_manager_alone(home, anna, bert, console, number):
    """Whoever has a coordinator's account could else be paid for each call by the municipality."""
    before = file_of(home)
    page = checked(anna, {"contacts-0-number": number})
    assert "Alleen een beheerder kan het publiceren" in page
    form = Form(page, "form")
    assert "Publiceren" not in form.buttons
    assert form.described["contacts-0-number"]["aria-invalid"] == "true"
    kept = press(anna, page, "Concept bewaren").text
    assert "Publiceren" not in Form(kept, "form").buttons
    (draft,) = console.stores.drafts.all()
    url = f"{PAGE}/concept/{draft.id}"
    assert "Publiceren" not in Form(bert.get(url).text).buttons
    sent = {**Form(bert.get(url).text).fields, "do": "publish", "reviewed": digest(draft.content)}
    bert.post(url, sent)
    anna.post(PAGE, {**form.fields, "do": "publish", "reviewed": digest(draft.content)})
    assert file_of(home) == before
    manager = console.manager()
    press(manager, manager.get(url).text, "Publiceren", ident=None, at=url)
    assert number in file_of(home)


def with_very_many_warnings(home):
    past = ", ".join(f"2026-{month:02}-{day:02}" for month in range(1, 10) for day in range(1, 13))
    edit(home, "number: 020-000 00 02", f"number: 020-000 00 02\n    away: [{past}]")


def with_an_error_in_another_file(home):
    edit(home, "say: welcome\n", "say: nothing\n", file="config/menu.yaml")


@pytest.mark.parametrize("trouble", [with_very_many_warnings, with_an_error_in_another_file])
def test_no_trouble_elsewhere_lets_a_coordinator_publish_a_number_that_costs_extra(home, anna, trouble):
    trouble(home)
    page = checked(anna, {"contacts-1-number": "0906-1234567"})
    assert "Alleen een beheerder kan het publiceren" in page
    assert "Publiceren" not in Form(page, "form").buttons


def test_a_number_that_costs_extra_and_is_there_already_keeps_nobody_from_another_change(home, anna):
    edit(home, "number: 020-000 00 03", "number: +44 20 7946 0000")
    page = checked(anna, NEW)
    assert "Publiceren" in Form(page, "form").buttons
    assert "Alleen een beheerder" not in page
