"""What a page needs of the application that shows it."""

from typing import cast

from flask import current_app

from ivr.config.reading import Reading
from ivr.console.reading import CurrentReading
from ivr.console.surroundings import Surroundings


def outside() -> Surroundings:
    """Return the console's outside world: clock, home, database."""
    return cast("Surroundings", current_app.extensions["console"])


def reading() -> Reading:
    """Return the configuration as the files hold it now."""
    return cast("CurrentReading", current_app.extensions["reading"])()
