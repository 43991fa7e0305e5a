"""A change in a form changes its own lines in the file, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.config.editing import ContactEntry, Unwritable, edited, entries_of
from ivr.config.editing.entries import LISTS, parsed

SHIPPED = """\
# yaml-language-server: $schema=../schema/municipality.json
name: gemeente Voorbeeldstad
dialled: [+31 20 000 00 01, "sip:meldlijn@voorbeeldstad.sip.twilio.com"]    # hier wordt naartoe gebeld
caller_id: +31 20 000 00 01       # dit nummer ziet wie gebeld wordt
callers: [+31 20 000 *, "sip:*@voorbeeldstad.sip.twilio.com"]   # wie mag
contacts:                         # op deze volgorde
  - name: {nl: de aandachtsfunctionaris, en: the officer}
    number: 020-000 00 02
    hours: [ma-vr 08:30-17:00]
    accept: true                  # moet op 1 drukken
    confirmed: 2026-11-02         # zelf gebeld
  - name: het piket
    number: 020-000 00 03
    confirmed: 2026-11-02
closed: [2026-12-24]              # vrij
"""
DASHES = """\
name: 'gemeente Dorp'
dialled: +31 20 000 01 01

callers:
- +31 20 *   # van kantoor
# en van het wijkteam
- "+31 10 *"
contacts:
# Eerst de balie.
- name:
    nl: de balie Zorg
    en: the Care desk
  number: "sip:zorg@dorp.example"
  hours:
    - ma-vr 09:00-12:30
    - ma-vr 13:00-17:00   # na de lunch
  # tot hier

# Dan het wijkteam.
- name: >-
    het
    wijkteam
  number: '020-000 01 02'
  # geen voicemail
  accept: false

-
  number: 020-000 01 03
  name: de wacht
  ring:
closed: 2026-11-27
ring_check: ma-vr 09:00-17:00"""
BRACES = """\
{"name": "gemeente Nacht", "dialled": ["+31 20 000 02 01"], "contacts": [
  {"name": "de nachtdienst", "number": "020-000 02 02", "hours": "za-zo 22:00-02:30 (nacht)"},
  {"number": "020-000 02 03", "name": "de achterwacht"}  # de tweede
]}
"""
FILES = {
    "shipped": SHIPPED,
    "dashes": DASHES,
    "braces": BRACES,
    "crlf": SHIPPED.replace("\n", "\r\n"),
    "bom": "\ufeff" + SHIPPED,
    "no-contacts": "name: x\ndialled: 020-000 00 01   # hier\n",
    "empty-contacts": "name: x\ncontacts: []   # nog niemand\nmail: a@b.example",
    "nothing-in-contacts": "name: x\ncontacts:   # nog niemand\nmail: a@b.example\n",
}
texts = st.text(min_size=1, max_size=30).map(str.strip).filter(bool)
tricky = st.sampled_from(
    [
        "a: b", "# x", "x # y", "- x", "&a", "*a", "!!int 5", "---", "...", "{a: b}", "[a]", "a,b", "'", '"',
        "null", "~", "yes", "0112", "9:30", "%TAG", "@x", "`x", "| x", "> x", "?", ":", "x:", "a\nb: c",
        "a\r\nb",        "a\tb", "\x00", "\x85x", "\u2028x", "\ufeffx", "\U0001f600", "\\", "\\n", "é",
        "x\n---\ny", "name: x\nnumber: y",
    ]
).map(str.strip)  # fmt: skip
anything = st.one_of(texts, tricky.filter(bool))


def where(entries):
    """Each setting that a form can change: of the municipality (None) or of a contact."""
    yield from (
        (None, name) for name in ("name", "dialled", "caller_id", "callers", "closed", "mail", "approve")
    )
    for place in range(len(entries.contacts)):
        for name in (
            "name",
            "number",
            "hours",
            "holidays",
            "accept",
            "ring",
            "from",
            "until",
            "away",
            "confirmed",
        ):
            yield place, name


def changed(entries, place, name, value):
    """Entries with one other value; None takes it out."""

    def with_value(values):
        kept = {key: old for key, old in values.items() if key != name}
        return kept if value is None else {**kept, name: value}

    if place is None:
        return replace(entries, values=with_value(entries.values))
    contacts = list(entries.contacts)
    contacts[place] = replace(contacts[place], values=with_value(contacts[place].values))
    return replace(entries, contacts=tuple(contacts))


def content(text):
    """What a file holds, without blanks around texts; a single text is a list of one."""

    def bare(value, name=""):
        if isinstance(value, dict):
            return {key: bare(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [bare(each) for each in value]
        return [value.strip()] if name in LISTS else value.strip()

    return bare(parsed(text))


def place_of(values, place):
    return values if place is None else values["contacts"][place]


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_what_is_not_changed_stays_byte_for_byte(text):
    assert edited(text, entries_of(text)) == text


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_text_in_any_field_comes_back_equal_and_nothing_else_changes(text, data):
    entries = entries_of(text)
    place, name = data.draw(st.sampled_from(list(where(entries))))
    if name in LISTS:
        value = tuple(data.draw(st.lists(anything, min_size=1, max_size=4)))
    elif name == "name" and place is not None and data.draw(st.booleans()):
        value = {"nl": data.draw(anything), "en": data.draw(anything)}
    else:
        value = data.draw(anything)
    after = edited(text, changed(entries, place, name, value))
    found, old = content(after), content(text)
    expected = list(value) if isinstance(value, tuple) else value
    assert place_of(found, place).pop(name) == expected
    place_of(old, place).pop(name, None)
    assert found == old
    assert_other_lines_stay(text, after, name)


def assert_other_lines_stay(text, after, name):
    """At most the lines of one setting differ: what stands before and after them is the same."""
    old, new = text.splitlines(keepends=True), after.splitlines(keepends=True)
    first = next(
        (n for n, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]),
        min(len(old), len(new)),
    )
    rest = old[first:]
    same = 0
    while same < min(len(rest), len(new) - first) and rest[-1 - same] == new[-1 - same]:
        same += 1
    replaced = "".join(rest[: len(rest) - same])
    known = [
        f"{key}:" for key in ("number", "hours", "accept", "confirmed", "closed", "caller_id", "contacts")
    ]
    if "{" not in text[:2]:
        assert sum(key in replaced and not key.startswith(name) for key in known) <= 1, replaced


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_contacts_are_removed_added_and_ordered_and_the_others_stay_as_they_are(text, data):
    entries = entries_of(text)
    new = st.builds(
        lambda name, number: ContactEntry(None, {"name": name, "number": number}), anything, anything
    )
    kept = (
        data.draw(st.lists(st.sampled_from(entries.contacts), unique_by=lambda each: each.origin))
        if entries.contacts
        else []
    )
    chosen = data.draw(st.permutations([*kept, *data.draw(st.lists(new, max_size=2))]))
    after = edited(text, replace(entries, contacts=tuple(chosen)))
    old = content(text)
    listed = old.get("contacts") or []
    expected = [listed[each.origin] if each.origin is not None else dict(each.values) for each in chosen]
    found = content(after)
    assert (found.pop("contacts", "") or []) == expected
    old.pop("contacts", None)
    assert found == old
    if not chosen:
        return
    for each in chosen:
        if each.origin is not None and "{" not in text[:2]:
            assert own_lines(text, each.origin) in after


def own_lines(text, origin):
    """The line of a contact that has its number."""
    number = entries_of(text).contacts[origin].values["number"]
    return next(line for line in text.splitlines() if number in line and "dialled" not in line)


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_what_is_taken_out_is_gone_and_putting_it_back_brings_back_the_values(text):
    entries = entries_of(text)
    for place, name in where(entries):
        values = entries.values if place is None else entries.contacts[place].values
        if name not in values or name in {"name", "number"}:
            continue
        without = edited(text, changed(entries, place, name, None))
        assert name not in place_of(content(without), place)
        again = edited(without, changed(entries_of(without), place, name, values[name]))
        assert content(again) == content(text)


def test_a_number_is_changed_on_its_own_line_with_its_comment():
    after = edited(SHIPPED, changed(entries_of(SHIPPED), None, "caller_id", "020-000 00 09"))
    assert after == SHIPPED.replace("caller_id: +31 20 000 00 01  ", "caller_id: 020-000 00 09  ")


def test_one_element_of_a_list_changes_alone():
    hours = ("ma-vr 09:00-12:30", "ma-do 13:00-17:00")
    after = edited(DASHES, changed(entries_of(DASHES), 0, "hours", hours))
    assert after == DASHES.replace("ma-vr 13:00", "ma-do 13:00")


def test_a_contact_takes_its_comments_with_it():
    entries = entries_of(DASHES)
    one, two, three = entries.contacts
    after = edited(DASHES, replace(entries, contacts=(one, three, two)))
    assert (
        after.index("- name:\n    nl: de balie")
        < after.index("de wacht")
        < after.index("# Dan het wijkteam.\n- name: >-")
    )
    assert after.index("# geen voicemail") > after.index("wijkteam\n")
    assert sorted(after.splitlines()) == sorted(DASHES.splitlines())


def test_a_removed_contact_leaves_the_other_lines_as_they_are():
    entries = entries_of(SHIPPED)
    after = edited(SHIPPED, replace(entries, contacts=entries.contacts[:1]))
    assert after == SHIPPED.replace(
        "  - name: het piket\n    number: 020-000 00 03\n    confirmed: 2026-11-02\n", ""
    )


def test_a_new_contact_is_written_as_people_write_one():
    entries = entries_of(SHIPPED)
    new = ContactEntry(
        None,
        {
            "name": "de vervanger",
            "number": "020-000 00 05",
            "hours": ("ma,wo 09:00-12:00",),
            "from": "2026-12-01",
        },
    )
    after = edited(SHIPPED, replace(entries, contacts=(*entries.contacts, new)))
    lines = (
        "  - name: de vervanger\n    number: 020-000 00 05\n"
        '    hours: ["ma,wo 09:00-12:00"]\n    from: 2026-12-01\n'
    )
    assert after == SHIPPED.replace("closed:", f"{lines}closed:")


@pytest.mark.parametrize(
    "text", ["", "- a\n", "x: &a 1\ny: *a\n", "a: [", "name: x\n---\nname: y\n", "just text"]
)
def test_a_file_whose_layout_is_not_understood_is_not_written(text):
    entries = entries_of(text) or entries_of("name: y")
    with pytest.raises(Unwritable):
        edited(text, replace(entries, values={"name": "z"}))
