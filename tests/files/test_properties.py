"""Any configuration gives findings or a line, and on a line that is right no walk meets a dead end."""

import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support import pure
from support.homes import NOON
from support.people import AnyFarEnd, outcomes, scripts

from ivr import checks
from ivr.config import shapes, source
from ivr.config.reading import Prompts, read
from ivr.exchange.people import ScriptedCaller
from ivr.exchange.transcript import CallEnds
from ivr.model.closure import Closure
from ivr.model.files import CLOSURE
from ivr.model.findings import Severity
from ivr.model.line import Line
from ivr.model.menu import Menu
from ivr.model.municipality import Municipality
from ivr.model.settings import Settings

NAMES = ["main", "police", "farewell", "b", "c", "d"]
SAID = st.sampled_from(["welcome", "doubts", "unreached", "numbers"])


@st.composite
def menus(draw):
    """Menus that are often right: what is named mostly exists, and the police mostly have a key."""
    extra = draw(st.lists(st.sampled_from(["b", "c", "d"]), unique=True))
    targets = st.sampled_from(["main", "main", "police", *extra])
    choice = st.fixed_dictionaries({"say": st.just("choose-next"), "go": targets})
    keys = st.dictionaries(st.sampled_from("01245678*#"), choice, min_size=1, max_size=4)
    said = st.lists(SAID, min_size=1, max_size=2)
    item = st.one_of(
        st.fixed_dictionaries({"say": said, "keys": keys}),
        st.fixed_dictionaries({"say": said, "go": targets}),
        st.fixed_dictionaries({"say": st.just("doubts"), "dial": st.just("contacts"), "unreached": targets}),
        st.fixed_dictionaries({"say": said}),
    )
    own = draw(keys) | {"3": {"say": "choose-police"}}
    own |= {str(place): {"say": "choose-next", "go": name} for place, name in enumerate(extra, 4)}
    return {
        "start": "main",
        "always": draw(st.sampled_from([{"3": "police"}, {"3": "police", "0": "main"}, {"0": "main"}])),
        "main": {"say": draw(said), "keys": own},
        "police": {"say": "doubts", "dial": "police", "unreached": draw(targets)},
        "farewell": {"say": draw(said)},
        **{name: draw(item) for name in extra},
    }


CONTENT = {"destination-unused", "item-unreachable", "always-untold"}
"""Findings that say nothing about dead ends: the random menus use a few of the destinations."""


@settings(deadline=None, max_examples=200)
@given(menus(), scripts, outcomes)
def test_where_the_checker_is_silent_no_walk_meets_a_dead_end(line, menu, keys, several):
    text = source.parse(yaml.safe_dump(menu), "config/menu.yaml")
    shape, found = shapes.read(text, Menu)
    assume(shape is not None and not found)
    made = Line(line.settings, shape, line.prompts, line.municipalities)
    broken = {
        each.code for each in checks.findings(made, NOON, public=False) if each.severity is Severity.ERROR
    } - CONTENT
    assume(not broken)
    for script in (keys, *(first + "-" + keys for first in "0123456789*#")):
        for far_end in (AnyFarEnd(several), AnyFarEnd([])):
            events = pure.play(
                made, "+31200000199", "+31200000001", ScriptedCaller(script), far_end, NOON, {}
            )
            assert isinstance(events[-1], CallEnds)


anything = st.recursive(
    st.one_of(
        st.text(max_size=20), st.integers(), st.booleans(), st.none(), st.dates(), st.sampled_from(NAMES)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(
                st.text(max_size=8),
                st.sampled_from(
                    ["start", "always", "main", "say", "keys", "go", "dial", "name", "dialled", "contacts"]
                ),
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=25,
)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(), anything.map(lambda value: yaml.safe_dump(value, allow_unicode=True))))
def test_any_text_as_any_file_gives_findings_or_a_shape(text):
    for shape in (Settings, Menu, Municipality, Prompts, Closure):
        read_ = source.parse(text, "x.yaml")
        value, found = shapes.read(read_, shape)
        assert value is not None or found or read_.findings


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(st.binary(max_size=200), anything.map(lambda value: yaml.safe_dump(value).encode())),
    data=st.data(),
)
def test_any_bytes_in_any_file_of_a_home_give_findings_or_a_line(home, content, data):
    file = home.root / data.draw(st.sampled_from(sorted({*home.files(), CLOSURE})))
    before = file.read_bytes() if file.exists() else b"reason: x\nsince: 2026-11-24T09:00\n"
    try:
        file.write_bytes(content)
        reading = read(home, NOON)
        assert reading.line is not None or reading.errors
    finally:
        file.write_bytes(before)
