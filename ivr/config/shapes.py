"""Validates the values of a file with a type of the model; pydantic's errors become findings."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from ivr.config.source import Source
from ivr.model.findings import Finding, Path, Severity
from ivr.model.limits import FINDINGS_SHOWN
from ivr.model.meant import meant
from ivr.model.menu import Item

T = TypeVar("T")

_CODES: Final = {
    "missing": "setting-missing",
    "extra_forbidden": "setting-unknown",
    "literal_error": "value-unknown",
    "bool_parsing": "not-yes-or-no",
    "bool_type": "not-yes-or-no",
    "tuple_type": "shape-list",
    "dict_type": "shape-mapping",
    "model_type": "shape-mapping",
    "model_attributes_type": "shape-mapping",
    "mapping_type": "shape-mapping",
    "too_short": "list-empty",
    "too_long": "list-long",
    "string_type": "shape-text",
}
"""Error type of pydantic → code of the finding. Other types are codes of the model's own (https://docs.pydantic.dev/latest/errors/validation_errors/)."""


def read(source: Source, shape: type[T]) -> tuple[T | None, list[Finding]]:
    """Return the validated value of a source, or None and the findings.

    A source without a value gives no new findings: its own say why.
    """
    if source.value is None:
        return None, []
    try:
        return _reader(shape).validate_python(source.value), []  # type: ignore[arg-type]  # a type is hashable
    except ValidationError as error:
        found = [_finding(source, shape, each) for each in error.errors(include_url=False)]
        return None, _told_once(found, source)


def _told_once(found: list[Finding], source: Source) -> list[Finding]:
    """Return the findings without those that are about the same mistake as another one."""
    if any(each.code == "file-empty" for each in source.findings):
        return []
    unread = {each.path for each in source.findings if each.severity is Severity.ERROR and each.path}
    missing = any(each.code == "setting-missing" for each in found)
    unknown = [each for each in found if missing and each.code == "setting-unknown"][:FINDINGS_SHOWN]
    misspelt = {(*each.path[:-1], meant(str(each.path[-1]), each.values["known"])) for each in unknown}

    def again(finding: Finding) -> bool:
        if any(finding.path[:end] in unread for end in range(1, len(finding.path) + 1)):
            return True
        if finding.code == "list-empty":  # none of its elements is valid
            return sum(each.path[: len(finding.path)] == finding.path for each in found) > 1
        return finding.code == "setting-missing" and finding.path in misspelt

    return [each for each in found if not again(each)]


@cache
def _reader(shape: Any) -> TypeAdapter[Any]:
    """Return the validator of a type. Cached, because it takes long to make."""
    return TypeAdapter(shape)


def _finding(source: Source, shape: Any, error: Any) -> Finding:
    """Return the finding of one error of pydantic, with the path and the line of its value."""
    path = source.place(tuple(part for part in error["loc"] if part != "[key]"))
    code = _CODES.get(error["type"], error["type"])
    context = error.get("ctx", {})
    values: dict[str, Any] = {"text": str(path[-1]) if path else "", **context}
    if code in {"value-unknown", "not-yes-or-no"}:
        values["text"] = str(error["input"])
    if error["type"] == "literal_error":
        values["known"] = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
    if code == "setting-unknown":
        values["known"] = list(_known(shape, path[:-1]))
        if (owner := _owners(shape).get(str(path[-1]))) is not None:
            code, values["owner"] = "setting-elsewhere", owner
    return Finding(code, source.file, path, values, source.line(path))


def _known(shape: Any, path: Path) -> Iterator[str]:
    """Yield the names of the settings that the model has at a path."""
    for part in path:
        shape = _inside(shape, part)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        yield from (field.alias or name for name, field in shape.model_fields.items())


@cache
def _owners(shape: Any) -> Mapping[str, str]:
    """Return setting of a file → the setting that it belongs in; empty for the top of the file."""
    if not isinstance(shape, type) or not issubclass(shape, BaseModel):
        return {name: owner for each in get_args(shape) for name, owner in _owners(each).items()}
    inner = {
        name: owner or field.alias or key
        for key, field in shape.model_fields.items()
        for name, owner in _owners(field.annotation).items()  # type: ignore[arg-type]  # a type is hashable
    }
    return inner | {field.alias or name: "" for name, field in shape.model_fields.items()}


def _inside(shape: Any, part: str | int) -> Any:
    """Return the type of one part of a type: of a field, or of the elements of a list or mapping."""
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        field = shape.model_fields.get(str(part))
        return field.annotation if field else Item
    inner = [each for each in get_args(shape) if isinstance(each, type) and issubclass(each, BaseModel)]
    if inner:
        return inner[0]
    return next((found for each in get_args(shape) if (found := _inside(each, part))), None)
