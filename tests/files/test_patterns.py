"""No pattern of ours takes longer than its text is long: one that does can silence the line."""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path

import pytest

import ivr
from ivr.exchange import grammar
from ivr.model import hours, numbers

SHORT = range(12, 41, 2)
"""Of a run, times: what doubles with each sign takes seconds before the last."""
LONG = 8_000
"""Times: what grows with the square takes half a second, and what does not a hundredth of that."""
TAIL = "\n\x00"
"""What no pattern takes: a newline that does not end the text, and a null sign."""
MOST = 0.1
"""Seconds of processor."""
FUNCTIONS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}


def modules():
    for found in pkgutil.walk_packages(ivr.__path__, "ivr."):
        if "__main__" not in found.name and ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def held(value):
    """The patterns that a global holds, however deep."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping):
        yield from (each for inner in value.values() for each in held(inner))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (each for inner in value for each in held(inner))


def used(module):
    """Each pattern of a module, and a function of `re` by which it is used there."""
    known = vars(module)
    for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("re"), attr="compile"), args=[ast.Call(), *_]):
                pass  # of what a function was handed: a global holds what it makes
            case ast.Call(func=ast.Attribute(value=ast.Name("re"), attr=name), args=[text, *_]):
                if name in FUNCTIONS:
                    pattern = eval(compile(ast.Expression(text), module.__file__, "eval"), known)  # noqa: S307
                    yield pattern, name
            case ast.Attribute(value=ast.Name(id=name), attr=function) if (
                isinstance(known.get(name), re.Pattern) and function in FUNCTIONS
            ):
                yield known[name].pattern, function
    for pattern in held(list(known.values())):
        yield pattern.pattern, "fullmatch"


def as_text(pattern):
    """A pattern of bytes takes as long as the same one of text."""
    return pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern


PATTERNS = sorted({(as_text(pattern), name) for module in modules() for pattern, name in used(module)})


def mentioned(pattern):
    """The signs that a pattern mentions, and one text that fits it."""
    return sorted({*pattern.replace("\\", ""), " ", "7", "~"}), fitting(re._parser.parse(pattern))


def fitting(parsed):
    return "".join(_FITTING.get(str(kind), lambda _: "")(what) for kind, what in parsed)


def _member(members):
    kind, what = members[0]
    return {"LITERAL": lambda: chr(what), "RANGE": lambda: chr(what[0])}.get(
        str(kind), lambda: {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " "}.get(str(what), "a")
    )()


_FITTING = {
    "LITERAL": chr,
    "NOT_LITERAL": lambda _: "a",
    "ANY": lambda _: "a",
    "IN": _member,
    "BRANCH": lambda what: fitting(what[1][0]),
    "SUBPATTERN": lambda what: fitting(what[-1]),
    "MAX_REPEAT": lambda what: fitting(what[2]) * max(1, what[0]),
    "MIN_REPEAT": lambda what: fitting(what[2]) * max(1, what[0]),
}


def worst(signs, fits, times):
    """Long runs of each sign, and of two in turn, at each place of a text that would fit; then none does."""
    for place in range(len(fits) + 1):
        for one in signs:
            yield fits[:place] + one * times + TAIL
    for one, other in permutations(signs if times < LONG else (), 2):
        yield (one + other) * times + TAIL
    yield (fits * times)[: 2 * times] + TAIL


def seconds(function, text):
    began = time.process_time()
    function(text)
    return time.process_time() - began


def function(pattern, name):
    compiled = re.compile(pattern)
    if name in {"sub", "subn"}:
        return lambda text: compiled.sub("", text)
    if name == "finditer":
        return lambda text: list(compiled.finditer(text))
    return getattr(compiled, "fullmatch" if name == "compile" else name)


@pytest.mark.parametrize(("pattern", "name"), PATTERNS)
def test_no_pattern_takes_longer_than_its_text_is_long(pattern, name):
    run = function(pattern, name)
    signs, fits = mentioned(pattern)
    for times in (*SHORT, LONG):
        for text in worst(signs, fits, times):
            assert seconds(run, text) < MOST or seconds(run, text) < MOST, (times, text[:60])


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (r"(;.*|:\d+)+$", "sub"),
        (r"(?P<days>[a-z, -]+?) +(?P<start>\d{1,2}[:.]\d\d)", "fullmatch"),
        (r"(a|aa)+b", "fullmatch"),
        (r"\s+$", "search"),
    ],
)
def test_a_pattern_that_takes_longer_is_found(pattern, name):
    with pytest.raises(AssertionError):
        test_no_pattern_takes_longer_than_its_text_is_long(pattern, name)


def test_the_patterns_of_globals_and_those_written_in_place_are_looked_at():
    patterns = {pattern for pattern, _ in PATTERNS}
    assert {
        numbers._SIP.pattern,
        hours._TIMES.pattern,
        r"[ ()./-]",
        *(p.pattern for p in held(grammar._ENDPOINTS)),
    } <= patterns
