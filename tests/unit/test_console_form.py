"""What is typed in the form of a municipality, and what its file then holds."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import translations
from ivr.config.editing import ContactEntry, Entries, merged
from ivr.console.editing.changed_fields import changed_fields
from ivr.console.editing.changed_settings import changed_settings
from ivr.console.editing.difference import changed_lines
from ivr.console.editing.fields import as_people_write, id_of
from ivr.console.editing.reading_forms import as_day, as_days, entries_in
from ivr.console.editing.state import State

TODAY = date(2026, 11, 24)
OLD = Entries(
    {"name": "Stad", "closed": ("2026-12-24",)},
    (
        ContactEntry(
            0, {"name": "de balie", "number": "020-760 08 01", "away": ("2026-12-21 \u2013 2027-01-03",)}
        ),
    ),
)


def contact(**typed):
    form = {
        "contacts-0-origin": "0",
        "contacts-0-accept": "on",
        **{f"contacts-0-{key}": each for key, each in typed.items()},
    }
    return entries_in(form, OLD, TODAY).contacts[0].values


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("24-12-2026", "2026-12-24"),
        ("4-1-2027", "2027-01-04"),
        ("24/12/2026", "2026-12-24"),
        ("2026-12-24", "2026-12-24"),
    ],
)
def test_a_day_is_read_as_people_write_it(typed, written):
    assert as_day(typed) == written


@pytest.mark.parametrize(
    "typed",
    [
        "21-12-2026 t/m 3-1-2027",
        "2026-12-21 - 2027-01-03",
        "21-12-2026 \u2013 03-01-2027",
        "21-12-2026 tot en met 3-1-2027",
    ],
)
def test_days_are_read_as_people_write_them(typed):
    assert as_days(typed) == "2026-12-21 - 2027-01-03"


@given(st.dates(), st.dates())
def test_days_that_are_shown_are_read_as_what_they_were(first, last):
    for written in (str(first), f"{first} - {last}"):
        assert as_days(as_people_write(written)) == written


@given(st.text())
def test_what_are_no_days_stays_as_it_was_typed(text):
    assert as_days(text) == text or "t/m" in text or "-" in text or "\u2013" in text
    assert as_days(f"vanaf {text}") == f"vanaf {text}"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ma-do 08:30-17:00, vr 08:30-12:00", ("ma-do 08:30-17:00", "vr 08:30-12:00")),
        ("ma,wo 9:00-12:00", ("ma,wo 9:00-12:00",)),
        ("ma 9:00-12:00\r\n\r\n wo 9:00-12:00 ", ("ma 9:00-12:00", "wo 9:00-12:00")),
    ],
)
def test_hours_are_one_on_each_line_or_with_a_comma_before_the_next_day(typed, written):
    assert contact(hours=typed)["hours"] == written


def test_days_that_mean_the_same_stay_as_they_are_written():
    assert contact(away="21-12-2026 t/m 3-1-2027")["away"] == ("2026-12-21 \u2013 2027-01-03",)


def test_a_field_that_a_form_does_not_have_stays_as_it_is():
    entries = entries_in({"contacts-0-origin": "0", "contacts-0-accept": "on"}, OLD, TODAY)
    assert entries == OLD


@pytest.mark.parametrize("origin", ["7", "-1", "x", "²", ""])
def test_a_contact_that_is_not_in_the_file_is_a_new_one(origin):
    (found,) = entries_in({"contacts-0-origin": origin, "contacts-0-accept": "on"}, OLD, TODAY).contacts
    assert found == ContactEntry(None, {})


def test_no_contact_is_changed_twice():
    form = {"contacts-0-origin": "0", "contacts-1-origin": "0"}
    assert [each.origin for each in entries_in(form, OLD, TODAY).contacts] == [0, None]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("contacts", 0, "number"), "contacts-0-number"),
        (("contacts", 1, "away", "2"), "contacts-1-away"),
        (("contacts", 1, "name", "en"), "contacts-1-name-en"),
        (("contacts", 1, "name", "nl"), "contacts-1-name"),
        (("contacts", 1), "contacts-1"),
        (("contacts", 1, "nmae"), "contacts-1"),
        (("contacts",), "contacts"),
        (("closed", "3"), "closed"),
        (("example",), ""),
        ((), ""),
    ],
)
def test_each_place_in_the_file_has_its_field(path, field):
    assert id_of(path) == field


@given(st.text(), st.none() | st.text())
def test_what_a_form_stands_on_comes_back_as_it_was(text, base):
    state = State(text, base, "x")
    packed = state.packed(b"secret", "dorp")
    assert State.unpacked(packed, b"secret", "dorp") == state
    assert State.unpacked(packed, b"secret", "stad") is None
    assert State.unpacked(packed, b"other", "dorp") is None


def entries(*contacts, **values):
    return Entries(values, tuple(ContactEntry(place, each) for place, each in enumerate(contacts)))


A, B, C = ({"name": name, "number": f"020-760 08 0{place}"} for place, name in enumerate("abc"))


def test_changes_of_two_people_come_together_by_contact_and_setting():
    base = entries(A, B, name="x")
    mine = entries({**A, "ring": "30"}, B, name="x", mail=("m",))
    now = entries(C, {**A, "hours": ("h",)}, {**B, "number": "9"}, name="y")
    found = merged(base, mine, now)
    assert found.values == {"name": "y", "mail": ("m",)}
    assert [(each.origin, dict(each.values)) for each in found.contacts] == [
        (0, C),
        (1, {**A, "hours": ("h",), "ring": "30"}),
        (2, {**B, "number": "9"}),
    ]


def test_a_contact_that_one_removed_stays_removed():
    base = entries(A, B)
    assert [each.values["name"] for each in merged(base, entries(A), entries(A, B)).contacts] == ["a"]
    assert [each.values["name"] for each in merged(base, entries(A, B), entries(B)).contacts] == ["b"]


def test_lines_that_differ_are_told_in_pairs():
    found = changed_lines("a\n  b\nc\n", "a\nB\nc\nd\n")
    assert [(each.number, each.old, each.new) for each in found] == [(2, "b", "B"), (4, None, "d")]


FILE = """name: Stad
closed: [2026-12-24]
contacts:
  - {name: de eerste, number: 020-760 08 01}
  - {name: de tweede, number: 020-760 08 02, confirmed: 2026-11-02}
"""


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("Stad", "Dorp", ["name"]),
        ("08 02, confirmed: 2026-11-02", "08 03", ["contacts[1].number", "contacts[1].confirmed"]),
        ("de eerste", "de beste", ["contacts[0].name"]),
        ("  - {name: de eerste, number: 020-760 08 01}\n", "", ["contacts"]),
        ("contacts:", "contacts:\n  - {name: nieuw, number: 020-760 08 09}", ["contacts[0]"]),
        ("]\n", "] # waarom\n", []),
        ("closed: [2026-12-24]", "06-12345678: Jansen", ["closed"]),
        ("de eerste,", "de eerste, 06-12345678: Jansen,", ["contacts[0]"]),
    ],
    ids=["name", "number", "contact's name", "gone", "added", "comment", "no setting", "none of a contact"],
)
def test_the_settings_that_a_change_changes_are_told_without_any_value(old, new, changed):
    assert old in FILE
    assert changed_settings(FILE.encode(), FILE.replace(old, new).encode()) == changed


def test_what_decides_who_is_rung_is_told_before_what_does_not():
    new = FILE.replace("name: Stad", "name: Dorp").replace("08 02, confirmed: 2026-11-02", "08 03")
    found = changed_settings(FILE.encode(), new.encode())
    assert found == ["contacts[1].number", "name", "contacts[1].confirmed"]


def test_another_order_of_contacts_is_told_as_such():
    head, first, second = FILE.split("  - ")
    assert changed_settings(FILE.encode(), f"{head}  - {second}  - {first}".encode()) == ["contacts"]


def dutch(word):
    return translations.page(word, "nl")


def told(old, new):
    """Return what a page tells of a change, as the cells of its rows."""
    found = changed_fields(old, new, "nl", dutch)
    return [(each.contact, each.label, each.old, each.new) for each in found]


@pytest.mark.parametrize(
    ("old", "new", "rows"),
    [
        ("08 02, confirmed: 2026-11-02", "08 03, confirmed: 2026-11-24", [
            ("de tweede", "Nummer", "020-760 08 02", "020-760 08 03"),
            ("de tweede", "Nagekeken op", "2-11-2026", "24-11-2026"),
        ]),
        ("Stad", "Dorp", [("", "Gemeente", "Stad", "Dorp")]),
        ("[2026-12-24]", "[2026-12-24, 2026-12-31]", [
            ("", "Extra vrije dagen", "24-12-2026", "24-12-2026\n31-12-2026"),
        ]),
        ("08 01}", "08 01, accept: false}", [("de eerste", "Moet op 1 drukken", "ja", "nee")]),
        ("08 01}", "08 01, accept: true}", []),
        ("08 01}", "08 01, holidays: open}", [
            ("de eerste", "Feestdagen", "Vrij als er uren staan", "Wordt ook dan gebeld"),
        ]),
        ("  - {name: de eerste, number: 020-760 08 01}\n", "", [
            ("", "Contacten", "1. de eerste\n2. de tweede", "1. de tweede"),
        ]),
        ("contacts:", "contacts: # op volgorde", []),
        (FILE, "geen gemeente", []),
    ],
    ids=["number", "name", "days", "tick", "as usual", "choice", "gone", "comment", "no form"],
)  # fmt: skip
def test_a_change_is_told_in_the_words_of_the_form(old, new, rows):
    assert old in FILE
    assert told(FILE, FILE.replace(old, new)) == rows


def test_a_new_contact_is_told_with_all_its_values():
    added = FILE + "  - {name: nieuw, number: 020-760 08 09, from: 2027-01-04}\n"
    assert told(FILE, added) == [
        ("", "Contacten", "1. de eerste\n2. de tweede", "1. de eerste\n2. de tweede\n3. nieuw"),
        ("nieuw", "Naam", "", "nieuw"),
        ("nieuw", "Nummer", "", "020-760 08 09"),
        ("nieuw", "Feestdagen", "", "Vrij als er uren staan"),
        ("nieuw", "Moet op 1 drukken", "", "ja"),
        ("nieuw", "Vanaf", "", "4-1-2027"),
    ]


@given(st.text(), st.text())
def test_the_words_of_any_two_texts_can_be_told(old, new):
    assert isinstance(told(old, new), list)


@given(st.binary(), st.binary())
def test_any_two_texts_can_be_compared(old, new):
    assert isinstance(changed_settings(old, new), list)
