"""Pages for what went wrong. None of them tells how the program works."""

import logging
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, g, make_response, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from ivr.console.headers import refuse_form
from ivr.model.findings import broken
from ivr.store.acts import Detail

log = logging.getLogger(__name__)

_KNOWN: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""Statuses with words of their own in ivr/translations/console."""


def register(app: Flask) -> None:
    """Have an application answer errors with pages."""
    # The host is another one: a page cannot tell the URLs of others.
    app.register_error_handler(SecurityError, lambda _: Response(status=HTTPStatus.BAD_REQUEST))
    app.register_error_handler(CSRFError, _without_token)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(SQLAlchemyError, _away)
    app.register_error_handler(Exception, _failed)


def _without_token(_: CSRFError) -> Response:
    refuse_form(Detail.TOKEN)
    return _page(HTTPStatus.BAD_REQUEST, "form-old")


def _refused(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    return _page(status, str(status.value if status in _KNOWN else HTTPStatus.BAD_REQUEST.value))


def _away(error: SQLAlchemyError) -> Response:
    log.error("the database did not answer: %s", type(error).__name__)
    return _page(HTTPStatus.SERVICE_UNAVAILABLE, "503")


def _failed(error: Exception) -> Response:
    # The text of the exception is left out: it may quote what somebody typed.
    log.error("a page failed: %s", broken("", error).values["why"])
    return _page(HTTPStatus.INTERNAL_SERVER_ERROR, "500")


def _page(status: HTTPStatus, words: str) -> Response:
    if "language" not in g:  # the request was refused before a language was chosen
        g.language = "nl"
    try:
        return make_response(render_template("error.html", words=words), status)
    except Exception as error:  # noqa: BLE001 - an error on the page of errors must not show how the program works
        log.error("the page for an error failed: %s", broken("", error).values["why"])  # noqa: TRY400
        return Response(status=status)
