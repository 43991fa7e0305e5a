"""The error for a text that is no valid value; pydantic turns it into a finding's code."""

from typing import Any

from pydantic_core import PydanticCustomError


def refuse(code: str, **values: Any) -> PydanticCustomError:
    """Make the error for a text that is no valid value, to be raised by the caller.

    `code` is the code of the finding that it becomes; `values` fill the braces of the finding's text.
    """
    return PydanticCustomError(code, code, values)
