"""The report: what was usage_of, and nothing that points at a caller of the tip line."""

import csv
import subprocess
import sys
from datetime import date
from io import StringIO
from itertools import accumulate, chain, combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from pydantic_core import PydanticCustomError
from support.homes import NOON, TOWN, typed

from ivr import translations
from ivr.cli.report import report
from ivr.config.shipped import shipped
from ivr.dialogue import flow
from ivr.dialogue.call import At, Call, Ended, Ending, Incoming, Pressed
from ivr.dialogue.usage import Anonymous, Count, Outcome, usage_of
from ivr.model.fields import read_slug
from ivr.report.months import to_months
from ivr.report.picture import draw
from ivr.report.table import as_csv
from ivr.store.counts import Counted, PendingCounts
from ivr.store.opening import FILE, database_url, migrate, open_database

ENVIRONMENT = ("IVR_DATABASE_URL", "IVR_STATE", "IVR_HOME", "IVR_LANGUAGE")
CLERK = "+31200000199"
DESKS = {"voorbeeldstad": "+31200000001", "dorp": "+31200000101"}
NOVEMBER, OCTOBER = date(2026, 11, 24), date(2026, 10, 3)
USED, TALKED, UNREACHED = Outcome.USED, Outcome.TALKED, Outcome.UNREACHED


@pytest.fixture
def ivr(home):
    def run(*arguments, **env):
        env = {**dict.fromkeys(ENVIRONMENT), **env}
        return typed("--home", str(home.root), *arguments, mix_stderr=False, env=env)

    return run


def store(home, *counts):
    """Bring counts, each with its day and how often, to the database of a home."""
    state = home.root / "state"
    state.mkdir(exist_ok=True)
    engine = open_database(database_url(None, state))
    migrate(engine)
    pending = PendingCounts()
    for day, count, times in counts:
        pending.add([count] * times, day)
    pending.store(engine)
    engine.dispose()


def some(home):
    store(
        home,
        (OCTOBER, Count("dorp", "main", USED), 2),
        (NOVEMBER, Count("voorbeeldstad", "main", USED), 12),
        (NOVEMBER.replace(day=1), Count("voorbeeldstad", "police", USED), 3),
        (NOVEMBER, Count("voorbeeldstad", "police", USED), 1),
        (NOVEMBER, Count("voorbeeldstad", "police", TALKED), 3),
        (NOVEMBER, Count("voorbeeldstad", "police", Outcome.NEXT), 1),
        (NOVEMBER, Count("voorbeeldstad", "police", UNREACHED), 1),
        (NOVEMBER, Count("dorp", "contact", Outcome.NOBODY), 5),
        (NOVEMBER, Count("weggegaan", "main", USED), 7),
        (NOVEMBER, Anonymous(USED), 4),
        (NOVEMBER, Anonymous(TALKED), 2),
    )


def lines(answer):
    assert answer.exit_code == 0, answer.stderr
    return [" ".join(line.split()) for line in answer.stdout.splitlines()]


def rows(answer):
    assert answer.exit_code == 0, answer.stderr
    return list(csv.DictReader(StringIO(answer.stdout, newline=""), strict=True))


def test_the_table_tells_for_each_month_and_municipality_what_was_used_and_how_forwardings_ended(ivr, home):
    some(home)
    assert lines(ivr("report")) == [
        "2026-10 gebruikt gesproken volgend nummer niet bereikt onduidelijk niemand had dienst",
        "gemeente Dorp",
        "main 2 - - - - -",
        "totaal 2 - - - - -",
        "",
        "2026-11 gebruikt gesproken volgend nummer niet bereikt onduidelijk niemand had dienst",
        "gemeente Dorp",
        "contact - - - - - 5",
        "totaal - - - - - 5",
        "gemeente Voorbeeldstad",
        "main 12 - - - - -",
        "police 4 3 1 1 - -",
        "totaal 16 3 1 1 - -",
        "weggegaan",
        "main 7 - - - - -",
        "totaal 7 - - - - -",
        "totaal van de gemeenten 23 3 1 1 - 5",
        "anoniem, alle gemeenten samen 4 2 - - - -",
    ]


def test_two_municipalities_are_put_together_and_one_is_not(ivr, home):
    store(home, *((day, Count("dorp", "main", USED), 1) for day in (OCTOBER, NOVEMBER)))
    store(home, (NOVEMBER, Count("voorbeeldstad", "main", USED), 2))
    shown = [line for line in lines(ivr("report")) if line.startswith("totaal van")]
    assert shown == ["totaal van de gemeenten 3 - - - - -"]


def test_figures_stand_below_each_other_however_large_and_however_long_an_items_name(ivr, home):
    long = "a-very-long-word-for-an-item-of-the-menu-of-this-line"
    some(home)
    store(home, (NOVEMBER, Count("dorp", long, USED), 123456))
    shown = ivr("report", "--month", "2026-11").stdout.splitlines()
    figures = [line for line in shown if not line.startswith(("gemeente", "weggegaan"))]
    assert len({len(line) for line in figures}) == 1
    assert any(line.startswith(f"  {long}  ") for line in figures)


def test_only_the_month_asked_for_is_told(ivr, home):
    some(home)
    assert {row["month"] for row in rows(ivr("report", "--csv", "--month", "2026-10"))} == {"2026-10"}
    assert {row["month"] for row in rows(ivr("report", "--csv"))} == {"2026-10", "2026-11"}


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "11-2026", "2026-11-01", "202611", "0000-01", "nu", ""]
)
def test_what_is_no_month_is_told_with_an_example(ivr, month):
    answer = ivr("report", "--month", month)
    assert (answer.exit_code, "is geen maand. Schrijf een maand als 2026-11." in answer.stderr) == (2, True)


def test_csv_is_for_programs(ivr, home):
    some(home)
    answer = ivr("report", "--csv", "--month", "2026-11")
    assert answer.stdout_bytes.startswith(
        b"month,municipality,item,outcome,times\r\n2026-11,dorp,contact,nobody,5\r\n"
    )
    assert answer.stdout_bytes.count(b"\n") == answer.stdout_bytes.count(b"\r\n") == len(rows(answer)) + 1
    assert rows(answer)[-1] == {
        "month": "2026-11",
        "municipality": "",
        "item": "",
        "outcome": "used",
        "times": "4",
    }


@given(st.text(max_size=8) | st.from_regex(r"[=+\-@\t\r|%][a-z0-9-]*"))
def test_no_word_that_is_counted_can_be_a_formula_in_a_spreadsheet(text):
    try:
        word = read_slug(text)
    except PydanticCustomError:
        return
    cells = next(csv.reader(StringIO(as_csv([Counted(NOVEMBER, word, word, USED, 1)]).split("\r\n")[1])))
    assert all(cell[0] in "abcdefghijklmnopqrstuvwxyz0123456789" for cell in cells)
    assert cells[1] == word


def called(line, word, day):
    """All counts of a call to the tip line that came to nothing and then went to the police."""
    main_, tip_line = (At("nl", item) for item in ("main", "tip-line"))
    events = (Incoming(), Pressed(main_, "4"), Ended(tip_line, Ending.UNREACHED), Pressed(main_, "4"))
    for event in (*events, Ended(tip_line, Ending.TALKED)):
        call = Call(CLERK, DESKS[word], event)
        for count in usage_of(line, call, flow.answer(line, call, NOON)):
            yield day, count, 1


@pytest.fixture
def told(ivr, home, line, tmp_path):
    """All that the report says of two municipalities, after one of them called the tip line on a day."""
    quiet = [(NOVEMBER.replace(day=day), Count(word, "main", USED), 3) for day in (2, 24) for word in DESKS]
    picture = tmp_path / "x.svg"

    def tell(word, day):
        (home.root / "state" / FILE).unlink(missing_ok=True)
        # Coming to the main menu is usage_of alike for everybody; here it would tell the two apart.
        call = [
            each for each in called(line, word, NOVEMBER.replace(day=day)) if not isinstance(each[1], Count)
        ]
        store(home, *quiet, *call)
        return {each: shown(*each) for each in asked(report, {"--month": "2026-11", "--svg": str(picture)})}

    def shown(*arguments):
        picture.unlink(missing_ok=True)
        answer = ivr("report", *arguments)
        assert answer.exit_code == 0, answer.stderr
        return answer.stdout, picture.read_bytes() if picture.exists() else b""

    return tell


def asked(command, values):
    """Every way to give at most two options of a command; `values`: option → a value, where it takes any."""
    ways = [ways_of(option, values) for option in command.params]
    pairs = (one + other for few, more in combinations(ways, 2) for one in few for other in more)
    return [(), *chain(*ways), *pairs]


def ways_of(option, values):
    name = option.opts[0]
    if option.is_flag:
        return [(name,)]
    return [(name, value) for value in getattr(option.type, "choices", None) or (values[name],)]


def test_no_row_ties_the_tip_line_to_a_municipality_or_a_day(told):
    """Whoever called it and whenever in a month: the report is the same, with any of its options."""
    one, *others = (told(word, day) for word in DESKS for day in (2, 24))
    assert one == others[0] == others[1] == others[2]
    anonymous = [row for row in csv.reader(StringIO(one["--csv",][0])) if not row[1]]
    assert anonymous == [
        ["2026-11", "", "", "talked", "1"],
        ["2026-11", "", "", "unreached", "1"],
        ["2026-11", "", "", "used", "2"],
    ]
    assert [way for way, (text, drawn) in one.items() if "tip-line" in text + drawn.decode()] == []


@pytest.mark.parametrize("document", ["README.md", "docs/privacy.md", "docs/decisions/12-the-report.md"])
def test_each_option_of_the_report_is_told_where_it_is_weighed_what_figures_give_away(document):
    text = (shipped() / document).read_text("utf-8")
    assert [option.opts[0] for option in report.params if option.opts[0] not in text] == []


def test_a_call_to_the_tip_line_leaves_its_municipality_nothing_but_that_it_called(home, ivr, line):
    store(home, *called(line, "dorp", NOVEMBER))
    owned = [list(row.values()) for row in rows(ivr("report", "--csv")) if row["municipality"]]
    assert owned == [["2026-11", "dorp", "main", "used", "1"]]


@pytest.mark.parametrize("before", ["no-folder", "no-file", "no-tables"])
def test_where_nothing_was_counted_yet_that_is_said_and_nothing_is_made(ivr, home, before):
    if before != "no-folder":
        (home.root / "state").mkdir()
    if before == "no-tables":
        (home.root / "state" / FILE).touch()
    there = sorted(home.root.rglob("*"))
    answer = ivr("report")
    assert (answer.exit_code, answer.stdout.startswith("Er is niets geteld.\n")) == (0, True)
    assert "IVR_DATABASE_URL" in answer.stdout
    assert [row for row in rows(ivr("report", "--csv")) if row] == []
    assert sorted(home.root.rglob("*")) == there


def test_a_month_without_counts_is_told_apart_from_a_line_without(ivr, home):
    some(home)
    assert lines(ivr("report", "--month", "2025-01"))[0] == "In 2025-01 is niets geteld."


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_a_database_that_is_away_is_told_without_its_address(ivr, language):
    address = "postgresql://balie:geheim123@127.0.0.1:1/tellingen"
    answer = ivr("--language", language, "report", IVR_DATABASE_URL=address)
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == translations.say("report-database-away", language, why="OperationalError") + "\n"
    assert not [part for part in ("geheim123", "127.0.0.1", "tellingen") if part in answer.stderr]


def test_a_file_that_is_no_database_is_told(ivr, home):
    (home.root / "state").mkdir()
    (home.root / "state" / FILE).write_text("nothing that SQLite knows " * 100)
    answer = ivr("report")
    assert (answer.exit_code, isinstance(answer.exception, SystemExit)) == (1, True)
    assert answer.stderr.startswith(
        "De database met wat er geteld is kan niet worden gelezen (DatabaseError)."
    )


def test_a_state_folder_that_is_a_file_is_told(ivr, home):
    (home.root / "state").touch()
    answer = ivr("report")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "(NotADirectoryError)" in answer.stderr


def test_the_report_needs_no_configuration_without_errors(ivr, home):
    """A name is shown where its own file can be read; else its word."""
    some(home)
    (home.root / "config/line.yaml").unlink()
    broken = home.root / TOWN
    broken.write_text(broken.read_text("utf-8") + "\n  - [", "utf-8")
    shown = lines(ivr("report"))
    assert ("gemeente Dorp" in shown, "voorbeeldstad" in shown, "weggegaan" in shown) == (True, True, True)


def texts(svg):
    return [element.text for element in ET.fromstring(svg).iter() if element.text and element.text.strip()]  # noqa: S314 - our own


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_the_picture_names_each_municipality_item_month_and_outcome(ivr, home, tmp_path, language):
    some(home)
    picture = tmp_path / "report.svg"
    answer = ivr("--language", language, "report", "--svg", str(picture))
    assert str(picture) in lines(answer)[-1]
    shown = texts(picture.read_bytes())
    assert {"gemeente Dorp", "gemeente Voorbeeldstad", "weggegaan", "main", "police", "contact"} <= set(shown)
    assert {"2026-10", "2026-11"} <= set(shown)
    assert {translations.say(f"outcome-{outcome.value}", language) for outcome in Outcome} <= set(shown)
    assert translations.say("report-anonymous", language) in shown
    assert (
        shown[0] == f"{translations.say('report-title', language)}, 2026-10 / 2026-11"
    )  # its accessible name


def test_the_picture_goes_with_csv_and_leaves_that_clean(ivr, home, tmp_path):
    some(home)
    answer = ivr("report", "--csv", "--svg", str(tmp_path / "report.svg"))
    assert [row["times"] for row in rows(answer)] == [row["times"] for row in rows(ivr("report", "--csv"))]
    assert (tmp_path / "report.svg").exists()


def test_the_same_counts_make_the_same_picture(ivr, home, tmp_path):
    some(home)
    for name in ("one", "two"):
        command = [
            sys.executable,
            "-m",
            "ivr",
            "--home",
            str(home.root),
            "report",
            "--svg",
            f"{tmp_path}/{name}",
        ]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_name_is_drawn_as_it_is_written():
    months = to_months([Counted(NOVEMBER.replace(day=1), "dorp", "main", USED, 1)])
    for name in ("Dorp & <b>Zn.</b>", "$x_1$", "Súdwest-Fryslân", "De 😀", "_dorp"):
        assert name in texts(draw(months, {"dorp": name}, "nl"))
    long = "Dorp " * 60
    assert "".join(texts(draw(months, {"dorp": long}, "nl"))).replace(" ", "").count("Dorp") == 60


ENDINGS = {
    TALKED: (5, 0),
    Outcome.NEXT: (1, 2),
    UNREACHED: (3, 4),
    Outcome.UNCLEAR: (2, 0),
    Outcome.NOBODY: (0, 6),
}


@pytest.fixture
def panels(monkeypatch):
    """The two panels of a municipality, and the key to their colours."""
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    counts = {(USED, "main"): (12, 7), (USED, "police"): (0, 9)}
    counts |= {(outcome, "police"): times for outcome, times in ENDINGS.items()}
    firsts = (OCTOBER.replace(day=1), NOVEMBER.replace(day=1))
    rows_ = [
        Counted(first, "dorp", item, outcome, number)
        for (outcome, item), times in counts.items()
        for first, number in zip(firsts, times, strict=True)
    ]
    draw(to_months(rows_), {}, "nl")
    (figure,) = drawn
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    key = {patch.get_facecolor(): name for patch, name in zip(legend.get_patches(), names, strict=True)}
    return *figure.axes, key


def test_the_picture_tells_how_often_each_item_was_used_in_each_month(panels):
    used, _, _ = panels
    months, items = (
        [tick.get_text() for tick in each] for each in (used.get_xticklabels(), used.get_yticklabels())
    )
    cells = {
        (items[round(y)], months[round(x)]): text.get_text()
        for text in used.texts
        for x, y in [text.get_position()]
    }
    assert cells == {("main", "2026-10"): "12", ("main", "2026-11"): "7", ("police", "2026-11"): "9"}


def test_the_picture_stacks_how_forwardings_ended(panels):
    _, endings, key = panels
    bars = {}
    for bar in endings.patches:
        bars.setdefault(key[bar.get_facecolor()], []).append((bar.get_y(), bar.get_height()))
    assert {name: tuple(height for _, height in own) for name, own in bars.items()} == {
        translations.say(f"outcome-{outcome.value}", "nl"): times for outcome, times in ENDINGS.items()
    }
    for month in (0, 1):
        stack = [own[month] for own in bars.values()]
        assert [low for low, _ in stack] == [0, *accumulate(high for _, high in stack)][:-1]


def test_the_picture_leaves_no_month_out():
    firsts = [date(2026, 11, 1), date(2027, 2, 1)]
    shown = texts(draw(to_months(Counted(first, "dorp", "main", USED, 1) for first in firsts), {}, "nl"))
    assert {"2026-11", "2026-12", "2027-01", "2027-02"} <= set(shown)


def test_a_picture_of_nothing_says_so(ivr, tmp_path):
    assert ivr("report", "--svg", str(tmp_path / "report.svg")).exit_code == 0
    assert texts((tmp_path / "report.svg").read_bytes())[-1] == "Er is niets geteld."


def test_a_picture_that_cannot_be_written_is_told(ivr, home, tmp_path):
    some(home)
    answer = ivr("report", "--svg", str(tmp_path / "nowhere/report.svg"))
    assert (answer.exit_code, "report.svg kon niet worden geschreven" in answer.stderr) == (1, True)


def test_what_draws_is_loaded_for_a_picture_alone(home):
    some(home)
    program = (
        "import sys; from ivr.cli import main; main(sys.argv[1:], standalone_mode=False); "
        "sys.exit('matplotlib' in sys.modules)"
    )
    command = [sys.executable, "-c", program, "--home", str(home.root), "report"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
