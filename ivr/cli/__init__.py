"""The commands: thin, each asks the rest of the house and prints what it says."""

from ivr.cli.main import main

__all__ = ["main"]
