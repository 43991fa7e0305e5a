"""Finds out what a person did where a file is no valid YAML.

The parser tells where it could not go on, which is often some lines below the mistake, and in its own words.
"""

import re
from collections.abc import Sequence
from typing import Final

import yaml

from ivr.model.findings import Finding

_KEY: Final = re.compile(r"(?P<key>[\w.*#-]+|\"[^\"]*\"|'[^']*') *:(?: (?P<value>.*)|$)")
_HYPHENS: Final = re.compile(r"^(?:- +)+")
_BULLET: Final = re.compile(r"(?P<sign>\*|--+|[0-9]+[.)]) +\w+ ?:")
"""What people put before an element of a list instead of a hyphen."""
_CLOSED: Final = {'"': re.compile(r'"(?:[^"\\]|\\.)*"'), "'": re.compile(r"'(?:[^']|'')*'")}
"""Opening quote → a whole text between such quotes."""
_AFTER: Final = re.compile(r"\s*(?:#.*|[,\]}:].*)?$")
"""What may stand behind a text between quotes."""
_BLOCK: Final = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_OPENED: Final = re.compile(r"(?:^(?:- +)*|: +)([\"'])")
_IN_LIST: Final = re.compile(r"(?:^(?:- +)*|: +|[\[{] *|, *)([\"'])")
"""A quote that opens a text, in a line without and with a list in brackets."""
_FAR: Final = 100
"""Lines before the place that the parser tells, in which a lone quote is looked for."""
_SIGNS: Final = "@`%?*&!|>"
"""A text cannot begin with these unless it is between quotes."""


def finding(text: str, file: str, error: yaml.YAMLError) -> Finding:
    """Return what is wrong in a text for which the parser raised an error; its path is not known."""
    if isinstance(error, yaml.reader.ReaderError):
        odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
        return Finding("text-sign", file, line=text.count("\n", 0, odd.start()) + 1 if odd else 1)
    lines = text.splitlines()
    code, line, sign = _diagnosis(lines, error)
    return Finding(code, file, values={"text": sign}, line=min(max(line, 1), max(len(lines), 1)))


def mended(text: str, line: int) -> str:
    """Return a text in which a line (counted from 1) has its setting with a good value."""
    lines = text.splitlines()
    for each in lines[line - 1 : line]:
        content = _HYPHENS.sub("", each.lstrip())
        if key := re.match(r"\w[\w.-]*", content):
            lines[line - 1] = f"{each[: len(each) - len(content)]}{key[0]}: x"
    return "\n".join(lines)


def _diagnosis(lines: Sequence[str], error: yaml.YAMLError) -> tuple[str, int, str]:
    """Return the code, the line number and the sign in question."""
    problem = _number(getattr(error, "problem_mark", None), len(lines) + 1)
    context = _number(getattr(error, "context_mark", None), problem)
    what = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')}"
    before = _line_before(lines, problem)
    near = dict.fromkeys((problem, *((context,) if "flow" not in what else ()), before))
    for number in near:
        if 0 < number <= len(lines) and (found := _fault(lines[number - 1])):
            return found[0], number, found[1]
    if number := _lone_quote(lines, problem):
        return "quote-open", number, ""
    if "document" in what and "start" not in what:
        return "yaml-syntax", problem, ""
    if "while parsing a flow" in what:
        return ("bracket-uneven" if problem > context else "colon-or-comma"), context, ""
    if "expected ':'" in what:
        return "colon-missing", context, ""
    if "mapping values" in what and ":" not in lines[before - 1]:
        return "colon-missing", before, ""
    first = next((number for number, each in enumerate(lines, 1) if _content(each)), 1)
    if "document start" in what and lines[first - 1][:1].isspace():
        return "yaml-indent", first, ""
    if key := _list_below_text(lines[before - 1], lines[problem - 1] if problem <= len(lines) else ""):
        return "list-after-text", before, key
    indented = "mapping values" in what or "expected key" in what or "'-' indicator" in what
    return ("yaml-indent" if indented else "yaml-syntax"), problem, ""


def _list_below_text(above: str, line: str) -> str:
    """Return the setting of a line that has a value though a list begins on the line below it, or nothing."""
    found = _KEY.fullmatch(_content(above))
    deeper = len(line) - len(line.lstrip()) > len(above) - len(above.lstrip())
    has_value = found and re.split(r"(?:^|\s)#", (found["value"] or "").strip())[0]
    return found["key"] if found and has_value and deeper and line.lstrip().startswith("- ") else ""


def _number(mark: yaml.Mark | None, otherwise: int) -> int:
    return min(int(mark.line) + 1, otherwise) if mark else otherwise


def _content(line: str) -> str:
    """Return what is in a line besides blanks and a comment of its own."""
    stripped = line.strip()
    return "" if stripped.startswith("#") else stripped


def _line_before(lines: Sequence[str], number: int) -> int:
    """Return the number of the nearest line before a line that has any content; the line itself without."""
    return next((each for each in range(number - 1, 0, -1) if _content(lines[each - 1])), number)


def _fault(line: str) -> tuple[str, str] | None:
    """Return code and sign of what is certainly wrong in a line, or None."""
    content = _content(line)
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return ("yaml-tab", "") if content else None
    if re.match(r"-\w[\w.-]*:", content):
        return "dash-space", ""
    if bullet := _BULLET.match(content):
        return "dash-other", bullet["sign"]
    content = _HYPHENS.sub("", content)
    found = _KEY.fullmatch(content)
    if found:
        return _fault_of(found["value"] or "")
    if re.match(r"(?!sip:|https?:|tel:)[A-Za-z_]+:\S", content):
        return "colon-space", ""
    return None


def _fault_of(value: str) -> tuple[str, str] | None:
    """Return code and sign of what is certainly wrong in a value that stands on one line, or None."""
    value = value.strip()
    if value[:1] in _CLOSED:
        whole = _CLOSED[value[0]].match(value)
        return ("quote-inside", "") if whole and not _AFTER.match(value, whole.end()) else None
    if value[:1] in _SIGNS and value and not _BLOCK.match(value):
        return "sign-first", value[0]
    bare = re.split(r"\s#", re.sub(r"\"[^\"]*\"|'[^']*'", "", value))[0]
    if value[:1] in {"[", "{"} and sum(map(bare.count, "]}")) > sum(map(bare.count, "[{")):
        return "bracket-uneven", ""
    if re.match(r"- ", value):
        return "dash-in-value", ""
    if value[:1] not in {"[", "{"} and re.search(r":(?: |$)", bare):
        return "colon-in-text", ""
    return None


def _lone_quote(lines: Sequence[str], last: int) -> int:
    """Return the number of the nearest line, up to `last`, whose quote is not closed as it should be."""
    for number in range(min(last, len(lines)), max(last - _FAR, 0), -1):
        content = _content(lines[number - 1])
        for opened in (_IN_LIST if re.search(r"[\[{]", content) else _OPENED).finditer(content):
            rest = "\n".join((content[opened.start(1) :], *lines[number:last]))
            whole = _CLOSED[opened[1]].match(rest)
            if not whole:
                return number
            if "\n" in whole[0] and not _AFTER.match(rest.split("\n")[whole[0].count("\n")], _column(whole)):
                return number
    return 0


def _column(whole: re.Match[str]) -> int:
    """Return the column behind a text of several lines, in its last line."""
    return len(whole[0].rpartition("\n")[2])
