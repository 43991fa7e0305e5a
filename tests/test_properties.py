"""Any configuration gives findings or a line, and on a line that is right no walk meets a dead end."""

import pure
import yaml
from conftest import NOON, TODAY
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from test_flow import AnyFarEnd, outcomes, scripts

from ivr import checks
from ivr.config import shapes, source
from ivr.config.reading import Prompts, read
from ivr.exchange.people import ScriptedCaller
from ivr.exchange.transcript import Ends
from ivr.finding import Level
from ivr.model import Line, Menu, Municipality, Settings

NAMES = ["main", "a", "b", "c", "d", "farewell"]
PROMPTS = ["welcome", "doubts", "unreached", "numbers"]
names = st.sampled_from(NAMES)
say = st.one_of(st.sampled_from(PROMPTS), st.lists(st.sampled_from(PROMPTS), min_size=1, max_size=2))
choices = st.fixed_dictionaries({"say": st.sampled_from(["choose-steps", "choose-next"])}, optional={"go": names})
items = st.one_of(
    st.fixed_dictionaries({"say": say, "keys": st.dictionaries(st.sampled_from("0123*#"), choices, min_size=1)}),
    st.fixed_dictionaries({"say": say, "go": names}),
    st.fixed_dictionaries(
        {"say": st.just("doubts"), "dial": st.sampled_from(["contacts", "police"]), "unreached": names}
    ),
    st.fixed_dictionaries({"say": say}),
)
menus = st.fixed_dictionaries(
    {
        "start": st.just("main"),
        "always": st.dictionaries(st.sampled_from("0234"), names, max_size=2),
        "main": st.fixed_dictionaries(
            {"say": say, "keys": st.dictionaries(st.sampled_from("0123*#"), choices, min_size=2)}
        ),
        "a": st.fixed_dictionaries({"say": st.just("doubts"), "dial": st.just("police"), "unreached": names}),
        "farewell": st.fixed_dictionaries({"say": say}),
    },
    optional={"b": items, "c": items, "d": items},
)
CONTENT = {"prompt-unused", "destination-unused", "item-unreachable", "always-untold", "prompt-missing"}
"""Findings that say nothing about dead ends: the random menus use a few of the prompts and destinations."""


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(menus, scripts, outcomes)
def test_where_the_checker_is_silent_no_walk_meets_a_dead_end(line, menu, keys, several):
    text = source.parse(yaml.safe_dump(menu), "config/menu.yaml")
    shape, found = shapes.read(text, Menu)
    assume(shape is not None and not found)
    made = Line(line.settings, shape, line.prompts, line.municipalities)
    broken = {each.code for each in checks.findings(made, TODAY) if each.level is Level.ERROR} - CONTENT
    assume(not broken)
    far_end = AnyFarEnd(several)
    events = pure.play(made, "+31200000199", "+31200000001", ScriptedCaller(keys), far_end, NOON, {})
    assert isinstance(events[-1], Ends)


anything = st.recursive(
    st.one_of(st.text(max_size=20), st.integers(), st.booleans(), st.none(), st.dates(), st.sampled_from(NAMES)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(
                st.text(max_size=8),
                st.sampled_from(["start", "always", "main", "say", "keys", "go", "dial", "name", "dialled", "contacts"]),
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
    for shape in (Settings, Menu, Municipality, Prompts):
        read_ = source.parse(text, "x.yaml")
        value, found = shapes.read(read_, shape)
        assert value is not None or found or read_.findings


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=200), anything.map(lambda value: yaml.safe_dump(value).encode())), data=st.data())
def test_any_bytes_in_any_file_of_a_home_give_findings_or_a_line(home, content, data):
    file = home.root / data.draw(st.sampled_from(home.files()))
    before = file.read_bytes()
    try:
        file.write_bytes(content)
        reading = read(home, TODAY)
        assert reading.line is not None or reading.errors
    finally:
        file.write_bytes(before)
