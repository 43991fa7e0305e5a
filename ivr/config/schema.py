"""JSON schemas for editors, generated from the types that read the files.

`python -m ivr.config.schema FOLDER` writes them.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from ivr.config.reading import Prompts
from ivr.model.closure import Closure
from ivr.model.menu import Menu
from ivr.model.municipality import Municipality
from ivr.model.settings import Settings
from ivr.model.telephone import Telephone

SCHEMAS: Final[dict[str, Any]] = {
    "closed": Closure,
    "line": Settings,
    "menu": Menu,
    "municipality": Municipality,
    "prompts": Prompts,
    "telephone": Telephone,
}


def schema(name: str) -> str:
    """Return one schema as JSON text. `name`: a key of SCHEMAS."""
    generated: dict[str, Any] = TypeAdapter(SCHEMAS[name]).json_schema()
    return (
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **generated}, indent=2) + "\n"
    )


def write(folder: Path) -> None:
    """Write each schema to `<name>.json` in a folder, which is made where it does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCHEMAS:
        (folder / f"{name}.json").write_text(schema(name), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
