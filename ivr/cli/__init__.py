"""The commands. Each one reads its options, calls the other packages and prints the result."""

from ivr.cli.main import main

__all__ = ["main"]
