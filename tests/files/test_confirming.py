"""The day of a confirmation goes into the municipality's file, and nothing else in it changes."""

from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ivr.config import shapes, source
from ivr.config.confirming import Unwritten, confirm, with_day
from ivr.model.limits import NAME_CHARACTERS
from ivr.model.municipality import Municipality

DAY = date(2026, 11, 24)
NUMBER = "+31200000002"
HEAD = "name: gemeente Voorbeeldstad\ndialled: +31 20 000 00 01\n"

LAYOUTS = {
    "as shipped": (
        (
            "contacts:   # in this order\n  - name: de balie\n    number: 020-000 00 02\n"
            "    confirmed: 2026-11-02         # by Anna\n    ring: 20\n"
        ),
        "confirmed: 2026-11-02 ",
        "confirmed: 2026-11-24 ",
    ),
    "in single quotes": (
        "contacts:\n- {name: a, number: 020-000 00 02, confirmed: '2026-11-02'}\n",
        "'2026-11-02'",
        "'2026-11-24'",
    ),
    "in double quotes, with blanks": (
        'contacts: [ { "name" : "a" , "number" : "020-000 00 02" ,\n  "confirmed" :   "2026-11-02"   }  ]\n',
        '"2026-11-02"',
        '"2026-11-24"',
    ),
    "missing, a comment behind the number": (
        "contacts:\n  - name: a\n    number: 020-000 00 02   # old phone\n    ring: 20\n",
        "# old phone\n",
        "# old phone\n    confirmed: 2026-11-24\n",
    ),
    "missing, the number first": (
        "contacts:\n-   number: 020-000 00 02\n    name: a\n",
        "00 02\n",
        "00 02\n    confirmed: 2026-11-24\n",
    ),
    "missing, at the end of a file without a last line ending": (
        "contacts:\n  - name: a\n    number: 020-000 00 02",
        "00 02",
        "00 02\n    confirmed: 2026-11-24",
    ),
    "missing, in a flow mapping": (
        "contacts: [{name: a, number: 020-000 00 02}]\n",
        "00 02}",
        "00 02, confirmed: 2026-11-24}",
    ),
    "missing, in a flow mapping over lines with a comma behind": (
        "contacts:\n  - {\n    name: a,   # who\n    number: 020-000 00 02,   # where\n  }\n",
        "00 02,",
        "00 02, confirmed: 2026-11-24,",
    ),
    "missing, in JSON": (
        'contacts: [{"number": "020-000 00 02", "name": "a"}]\n',
        '00 02",',
        '00 02", "confirmed": "2026-11-24",',
    ),
    "the second of two": (
        (
            "contacts:\n  - name: a\n    number: 020-000 00 03\n    confirmed: 2026-11-02\n"
            "  - name: b\n    confirmed: 2026-11-03\n    number: 020-000 00 02\n"
        ),
        "confirmed: 2026-11-03",
        "confirmed: 2026-11-24",
    ),
    "the number written in another way": (
        'contacts:\n  - name: "é … #"\n    number: (020) 000.00.02\n    confirmed: 2026-11-02\n',
        "2026-11-02",
        "2026-11-24",
    ),
    "as a block": (
        (
            "contacts:\n  - name: a\n    number: 020-000 00 02\n"
            "    confirmed: >-  # odd\n      2026-11-02\n    ring: 20\n"
        ),
        ">-  # odd\n      2026-11-02\n",
        "2026-11-24\n",
    ),
}


@pytest.fixture(params=["\n", "\r\n"], ids=["LF", "CRLF"])
def ending(request):
    return request.param


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "BOM"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_place_changes_and_every_other_byte_stays(tmp_path, layout, ending, mark):
    told, old, new = LAYOUTS[layout]
    before = f"# Ünser file\n{HEAD}{told}"
    assert before.count(old) == 1
    path = tmp_path / "voorbeeldstad.yaml"
    path.write_bytes(mark + before.replace("\n", ending).encode())
    confirm(path, NUMBER, DAY)
    assert path.read_bytes() == mark + before.replace(old, new).replace("\n", ending).encode()


def test_the_files_mode_stays_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "voorbeeldstad.yaml"
    path.write_text(HEAD + LAYOUTS["as shipped"][0], "utf-8")
    path.chmod(0o640)
    confirm(path, NUMBER, DAY)
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_where_the_file_is_a_link_what_it_leads_to_is_written(tmp_path):
    path, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    path.write_text(HEAD + LAYOUTS["as shipped"][0], "utf-8")
    link.symlink_to(path)
    confirm(link, NUMBER, DAY)
    assert link.is_symlink()
    assert "2026-11-24" in path.read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "contacts:\n  - name: a\n    number: 020-000 00 09\n",
        HEAD + "contacts: []\n",
        HEAD + "contacts: nobody\n",
        HEAD + "contacts: [\n",
        "[]",
        "",
        # A file with an error is not one that the line uses.
        HEAD + "contacts:\n  - name: a\n    number: 020-000 00 02\n    rings: 3\n",
    ],
)
def test_a_file_that_is_not_what_it_was_is_left_alone(tmp_path, text):
    path = tmp_path / "voorbeeldstad.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(Unwritten):
        confirm(path, NUMBER, DAY)
    assert path.read_text("utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_day_that_would_be_read_as_something_else_is_not_written(tmp_path, monkeypatch):
    path = tmp_path / "voorbeeldstad.yaml"
    text = HEAD + LAYOUTS["as shipped"][0]
    path.write_text(text, "utf-8")
    monkeypatch.setattr("ivr.config.confirming.with_day", lambda *_: text.replace("ring: 20", "ring: 21"))
    with pytest.raises(Unwritten):
        confirm(path, NUMBER, DAY)
    assert path.read_text("utf-8") == text


def test_what_somebody_saves_meanwhile_is_never_written_over(tmp_path, monkeypatch):
    path = tmp_path / "voorbeeldstad.yaml"
    path.write_text(HEAD + LAYOUTS["as shipped"][0], "utf-8")

    def saved(text, *more):
        path.write_text(text + "# seen by Anna\n", "utf-8")
        return with_day(text, *more)

    monkeypatch.setattr("ivr.config.confirming.with_day", saved)
    with pytest.raises(Unwritten):
        confirm(path, NUMBER, DAY)
    assert path.read_text("utf-8").endswith("# seen by Anna\n")


words = st.text(
    # A name that ends with a loose sign is a finding.
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"], exclude_characters='"]}'),
    min_size=1,
    max_size=NAME_CHARACTERS,
).filter(str.strip)
contacts = st.fixed_dictionaries(
    {"name": words},
    optional={
        "confirmed": st.dates(date(2000, 1, 1), date(2100, 12, 31)).map(str),
        "hours": st.just("ma-vr 9:00-17:00"),
    },
)


@given(st.lists(contacts, min_size=1, max_size=4), st.data())
def test_however_a_file_is_laid_out_it_says_the_same_but_for_the_day(several, data):
    numbered = [{**each, "number": f"020-000 000{place}"} for place, each in enumerate(several)]
    place = data.draw(st.integers(0, len(several) - 1))
    text = yaml.safe_dump(
        {
            "name": "gemeente Voorbeeldstad",
            "dialled": "+31 20 000 00 01",
            "contacts": [dict(data.draw(st.permutations(list(each.items())))) for each in numbered],
        },
        default_flow_style=data.draw(st.sampled_from([True, False, None])),
        default_style=data.draw(st.sampled_from([None, "'", '"', "|", ">"])),
        allow_unicode=data.draw(st.booleans()),
        indent=data.draw(st.integers(2, 6)),
        sort_keys=False,
    )

    def says(text):
        municipality, found = shapes.read(source.parse(text, "x.yaml"), Municipality)
        assert not found
        return municipality

    after = says(with_day(text, f"+312000000{place:02}", DAY))
    before = says(text)
    assert after.contacts[place].confirmed == DAY
    assert [each.model_copy(update={"confirmed": None}) for each in after.contacts] == [
        each.model_copy(update={"confirmed": None}) for each in before.contacts
    ]
    others = [n for n in range(len(several)) if n != place]
    assert [after.contacts[n].confirmed for n in others] == [before.contacts[n].confirmed for n in others]
