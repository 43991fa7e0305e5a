"""The base class of the types of the YAML files."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """One mapping in a file. It is immutable; keys that it does not name are findings."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True
    )
