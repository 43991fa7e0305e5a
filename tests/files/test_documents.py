"""The README and the coordinator's guide show what the program really says."""

import re
import shlex
import tomllib
from xml.etree import ElementTree as ET

import pytest
from support.homes import NOON, TOWN, as_real, edit, typed

from ivr.cli.main import COMMANDS
from ivr.config.shipped import shipped
from ivr.dialogue import all_phrases, flow
from ivr.dialogue.call import At, Call, Offer, Pressed
from ivr.dialogue.prompts import OWN
from ivr.model.files import SETTINGS
from ivr.model.menu import UNKNOWN_LINE
from ivr.model.municipality import Contact, Municipality
from ivr.model.settings import Destination, Settings
from ivr.report.graph import draw

README = (shipped() / "README.md").read_text("utf-8")
GUIDE = (shipped() / "docs/coordinator.md").read_text("utf-8")
ROOT = shipped()
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")
DOCUMENTS = sorted(
    path
    for folder in (".", "docs", "docs/decisions", "deploy", "audio")
    for path in (ROOT / folder).glob("*.md")
)
CHANGES = (ROOT / "docs/changes.md").read_text("utf-8")
DOCUMENTS_OF_CODE = [
    ROOT / "docs/architecture.md",
    ROOT / "docs/changes.md",
    *sorted((ROOT / "docs/decisions").glob("*.md")),
]


def ivr(home, command):
    program, *arguments = shlex.split(command)
    assert program.endswith("ivr")
    account = {"TWILIO_ACCOUNT_SID": f"AC{'0' * 32}", "TWILIO_AUTH_TOKEN": "12345"}
    return typed("--home", str(home.root), *arguments, env=account)


@pytest.fixture
def lone_home(home):
    for other in ("dorp", "nacht"):
        (home.root / f"config/municipalities/{other}.yaml").unlink()
    return as_real(home)


def test_the_readmes_transcript_is_a_real_one(lone_home):
    command, transcript = re.search(r"`(\S*ivr call[^`]*)`:\n\n```\n(.*?)```", README, re.DOTALL).groups()
    assert ivr(lone_home, command).output == transcript


def test_the_guides_example_of_a_wrong_number_is_a_real_one(lone_home):
    edit(lone_home, "020-000 00 02", "020-000 00 022")
    told = re.search(r"```\n(config/municipalities.*?)```", GUIDE, re.DOTALL)[1]
    assert ivr(lone_home, "ivr check").output.startswith(told)


def test_every_setting_that_the_guide_explains_is_taken(lone_home):
    path = lone_home.root / TOWN
    before = path.read_text("utf-8")
    told = re.findall(r"^\| .*? \| .*?`(([a-z]+): [^`]+)`", GUIDE, re.MULTILINE)
    shown = {name: setting for setting, name in reversed(told)}
    after = before
    for name in ("hours", "holidays", "closed", "ring", "accept", "callers"):
        after, found = re.subn(
            rf"^( *){name}:.*$", rf"\g<1>{shown[name]}", after, count=1, flags=re.MULTILINE
        )
        assert found, name
    path.write_text(after, "utf-8")
    answer = ivr(lone_home, "ivr check")
    assert answer.exit_code == 0, answer.output


def test_the_contacts_that_the_guide_shows_are_taken(lone_home):
    shown = re.search(r"```yaml\n(contacts:.*?)```", GUIDE, re.DOTALL)[1]
    path = lone_home.root / TOWN
    before = path.read_text("utf-8")
    path.write_text(before[: before.index("contacts:")] + shown, "utf-8")
    answer = ivr(lone_home, "ivr check")
    assert answer.exit_code == 0, answer.output


@pytest.mark.parametrize(
    ("settings", "file"),
    [(Municipality, TOWN), (Contact, TOWN), (Settings, SETTINGS), (Destination, SETTINGS)],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_every_setting_is_shown_in_the_guide_or_in_the_shipped_file(settings, file):
    shown = GUIDE + (ROOT / file).read_text("utf-8")
    names = [field.alias or name for name, field in settings.model_fields.items()]
    assert [name for name in names if not re.search(rf"\b{name}:", shown)] == []


@pytest.mark.parametrize("command", ["ivr who", "ivr who --at 2026-12-25T10:00", "ivr audio list"])
def test_the_commands_of_the_guide_work(lone_home, command):
    assert command in GUIDE
    assert ivr(lone_home, command).exit_code == 0


def test_the_picture_is_that_of_the_shipped_menu(lone_home, tmp_path):
    assert ivr(lone_home, f"ivr graph --output {tmp_path / 'menu.svg'}").exit_code == 0
    now, shown = (
        sorted(ET.parse(file).getroot().itertext())  # noqa: S314 - our own files
        for file in (tmp_path / "menu.svg", shipped() / "docs/menu.svg")
    )
    assert now == shown


def drawn(line):
    """The arrows of the picture, each as (from, to)."""
    titles = (each.text for each in ET.fromstring(draw(line, "nl")).iter("{http://www.w3.org/2000/svg}title"))  # noqa: S314 - our own picture
    return {tuple(title.split("->")) for title in titles if "->" in title}


def test_the_picture_has_an_arrow_to_every_item_but_those_in_which_a_call_begins_otherwise(line):
    targets = {target for _, target in drawn(line)}
    assert line.menu.items.keys() - targets == {UNKNOWN_LINE}


@pytest.mark.parametrize("keys", ["8" * 9, "-" * 9], ids=["wrong-keys", "silence"])
def test_the_picture_shows_where_wrong_keys_and_silence_lead(line, keys):
    start, arrows = line.menu.start, drawn(line)
    event = Offer(At("nl", start))
    for key in keys:
        reply = flow.answer(line, Call("+31200000199", "+31200000001", event), NOON)
        assert {(start, item) for item in reply.visited if item != start} <= arrows
        if not hasattr(reply, "key"):
            return
        event = Offer(reply.silence) if key == "-" else Pressed(reply.key, key)
    raise AssertionError("wrong keys and silence lead nowhere")


def test_the_readme_names_every_command():
    assert [name for name in COMMANDS if f"`ivr {name}" not in README] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_the_documents_link_to_is_there(document):
    prose = re.sub(r"^```.*?^```$", "", document.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", prose):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize(
    "document", [ROOT / "CONTRIBUTING.md", *DOCUMENTS_OF_CODE], ids=lambda path: path.name
)
def test_every_module_and_test_that_the_documents_name_is_there(document):
    text = document.read_text("utf-8")
    named = set(re.findall(r"`(ivr/[\w/]+(?:\.\w+)?)", text))
    assert [name for name in named if not (ROOT / name).exists()] == []
    tests = {path.name: path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py")}
    functions, files = set(re.findall(r"`(test_\w+)`", text)), set(re.findall(r"`(test_\w+\.py)`", text))
    assert files - tests.keys() == set()
    assert [name for name in functions if not any(f"def {name}(" in code for code in tests.values())] == []


def test_every_file_that_a_change_touches_is_there_and_every_change_of_the_index_has_its_place():
    files = [
        file for cell in re.findall(r"^\| (`.+?) \|", CHANGES, re.MULTILINE) for file in cell.split(", ")
    ]
    assert len(files) > 100
    patterns = [re.sub("<.+?>", "*", file.strip("`")) for file in files]
    assert [pattern for pattern in patterns if not any(ROOT.glob(pattern))] == []
    headings = re.findall(r"^## (.+)$", CHANGES, re.MULTILINE)
    places = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#(.+?)\)", CHANGES)) == places


CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
(LAYERS,) = ([layer.split(" | ") for layer in each["layers"]] for each in CONTRACTS if "layers" in each)


def test_the_picture_of_the_folders_is_the_import_contract():
    picture = re.search(r"^```\n(.*?)^```", ARCHITECTURE, re.DOTALL | re.MULTILINE)[1]
    shown = [re.split(r" {2,}", line)[0].split(" · ") for line in picture.splitlines()]
    assert shown == [layer for layer in LAYERS if layer != ["__main__"]]


def test_of_all_folders_below_it_the_exchange_may_import_the_words_alone():
    (shut,) = (each["forbidden_modules"] for each in CONTRACTS if each["name"].startswith("The exchange"))
    below = {folder for layer in LAYERS[LAYERS.index(["exchange"]) + 1 :] for folder in layer}
    assert below - {"translations"} == {folder.removeprefix("ivr.") for folder in shut}


def test_speech_is_built_of_every_prompt_of_the_line_itself(line):
    built = {phrase.prompt for phrase in all_phrases.everything(line)}
    # Of a closed line only; said by Twilio while ours is away; a form for other prompts.
    elsewhere = {prompt for prompt in OWN if prompt.startswith("fallback")} | {"closed-until", "choice"}
    assert OWN.keys() - built == elsewhere
