"""The pages, one module for each group. Each has a blueprint, and is a line in BLUEPRINTS."""

from typing import Final

from flask import Blueprint

from ivr.console.pages import overview

BLUEPRINTS: Final[tuple[Blueprint, ...]] = (overview.pages,)
