"""The console: pages for coordinators in a browser.

It is a process of its own, so that nothing in it can stop a call.
"""

from ivr.console.app import create_console
from ivr.console.surroundings import Surroundings

__all__ = ["Surroundings", "create_console"]
