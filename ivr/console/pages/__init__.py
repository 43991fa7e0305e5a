"""The pages, one module for each group. Each has a blueprint, and is a line in BLUEPRINTS."""

from typing import Final

from flask import Blueprint

from ivr.console.pages import (
    about,
    absence,
    account,
    accounts,
    closing,
    drafts,
    history,
    log,
    menu,
    municipality,
    overview,
    phone,
    practice,
    provider,
    recordings,
    report,
    setup,
    sign_in,
    texts,
    who,
)

BLUEPRINTS: Final[tuple[Blueprint, ...]] = (
    overview.pages,
    municipality.pages,
    absence.pages,
    drafts.pages,
    history.pages,
    who.pages,
    phone.pages,
    practice.pages,
    menu.pages,
    texts.pages,
    recordings.pages,
    report.pages,
    closing.pages,
    accounts.pages,
    log.pages,
    account.pages,
    sign_in.pages,
    setup.pages,
    provider.pages,
    about.pages,
)
