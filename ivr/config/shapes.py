"""Validates the values of a file with a type of the model; pydantic's errors become findings."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from ivr.config.source import Source
from ivr.model.findings import Finding, Path, Severity
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
        return None, [each for each in found if not _explained(each, found, source)]


def _explained(finding: Finding, found: list[Finding], source: Source) -> bool:
    """Whether another finding is about the same mistake: it is at the place itself or above it.

    A setting that is missing because its name is misspelt is one mistake too.
    """
    if any(each.code == "file-empty" for each in source.findings):
        return True
    above = {finding.path[:end] for end in range(len(finding.path) + 1)}
    if any(each.path in above for each in source.findings if each.severity is Severity.ERROR and each.path):
        return True
    if finding.code == "list-empty":  # none of its elements is valid
        return any(each is not finding and each.path[: len(finding.path)] == finding.path for each in found)
    if finding.code != "setting-missing":
        return False
    misspelt = {(*each.path[:-1], each.values["meant"]) for each in found if "meant" in each.values}
    return finding.path in misspelt


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
        name, owner = str(path[-1]), _owner(shape, str(path[-1]))
        if word := meant(name, _known(shape, path[:-1])):
            values["meant"] = word
        elif owner is not None:
            code, values["owner"] = "setting-elsewhere", owner
    return Finding(code, source.file, path, values, source.line(path))


def _known(shape: Any, path: Path) -> Iterator[str]:
    """Yield the names of the settings that the model has at a path."""
    for part in path:
        shape = _inside(shape, part)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        yield from (field.alias or name for name, field in shape.model_fields.items())


def _owner(shape: Any, name: str, inside: str = "") -> str | None:
    """Return the name of the setting in which another one belongs; empty for the top of the file."""
    if not isinstance(shape, type) or not issubclass(shape, BaseModel):
        owners = (_owner(each, name, inside) for each in get_args(shape))
        return next((owner for owner in owners if owner is not None), None)
    if name in shape.model_fields:
        return inside
    owners = (_owner(field.annotation, name, key) for key, field in shape.model_fields.items())
    return next((owner for owner in owners if owner is not None), None)


def _inside(shape: Any, part: str | int) -> Any:
    """Return the type of one part of a type: of a field, or of the elements of a list or mapping."""
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        field = shape.model_fields.get(str(part))
        return field.annotation if field else Item
    inner = [each for each in get_args(shape) if isinstance(each, type) and issubclass(each, BaseModel)]
    if inner:
        return inner[0]
    return next((found for each in get_args(shape) if (found := _inside(each, part))), None)
