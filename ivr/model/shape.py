"""What all parts of the YAML files have in common."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """One part of a file; keys that it does not name are findings."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True
    )
