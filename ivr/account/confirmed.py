"""What the line and `ivr ring-check` tell each other by a folder: a file for each number confirmed."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class InFolder:
    """Confirmations (see ivr.ring_check) of processes that share a folder."""

    folder: Path

    def note(self, token: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / token).touch()

    def taken(self, token: str) -> bool:
        try:
            (self.folder / token).unlink()
        except FileNotFoundError:
            return False
        return True
