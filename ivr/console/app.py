"""The console as a Flask application."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from flask import Flask
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from ivr.console import errors, headers, navigation, rights, signing_in, words
from ivr.console.editing.waiting import line_of_draft
from ivr.console.pages import BLUEPRINTS
from ivr.console.passwords import Passwords
from ivr.console.phone_limits import PracticeLimit
from ivr.console.phone_lines import PhoneLines
from ivr.console.reading import CurrentReading
from ivr.console.request import ConsoleRequest, IdConverter, allow_recording
from ivr.console.static_files import StaticFiles
from ivr.console.stores import make_stores
from ivr.console.surroundings import Surroundings
from ivr.model.limits import BODY_BYTES, FORM_FIELDS

SESSION_HOURS: Final = 12
"""After which a person has to sign in again."""


def create_console(outside: Surroundings) -> Flask:
    """Make the application. Raises rights.IncompleteTable if a route has no row in the table of rights."""
    app = Flask(__name__, static_folder=None)
    app.request_class = ConsoleRequest
    app.url_map.converters["id"] = IdConverter
    app.config.update(
        SECRET_KEY=outside.secret,
        SESSION_COOKIE_NAME="__Host-session" if outside.secure else "session",
        SESSION_COOKIE_SECURE=outside.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        MAX_CONTENT_LENGTH=BODY_BYTES,
        MAX_FORM_PARTS=FORM_FIELDS,
        MAX_FORM_MEMORY_SIZE=BODY_BYTES,
        TRUSTED_HOSTS=[urlsplit(each).netloc for each in origins(outside)],
        WTF_CSRF_TIME_LIMIT=None,  # it is as old as the session at most
        WTF_CSRF_SSL_STRICT=False,  # the Origin is checked instead of the Referer, which proxies may take out
    )
    app.jinja_env.undefined = StrictUndefined
    app.extensions["console"] = outside
    app.extensions["passwords"] = Passwords(outside.hasher)
    app.extensions["stores"] = make_stores(
        outside.engine, lambda: outside.clock().timestamp(), outside.secret
    )
    app.extensions["line-of-draft"] = line_of_draft
    app.extensions["reading"] = CurrentReading(
        outside.home, outside.clock, public=outside.public, erases=outside.erases
    )
    app.extensions["phone-lines"] = PhoneLines(outside.home, outside.secret)
    app.extensions["practice-limit"] = PracticeLimit()
    words.register(app, secure=outside.secure)
    errors.register(app)
    app.before_request(headers.check_origin(origins(outside)))
    app.after_request(headers.add_headers(secure=outside.secure))
    app.before_request(signing_in.find_out(outside))
    app.before_request(rights.check)
    app.before_request(allow_recording)
    CSRFProtect(app)
    StaticFiles().register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    navigation.register(app)
    rights.prove_complete(rule.endpoint for rule in app.url_map.iter_rules())
    if outside.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=outside.proxies, x_proto=outside.proxies
        )
    return app


def origins(outside: Surroundings) -> frozenset[str]:
    """Return the origins at which browsers reach the console. The demo has two names on loopback."""
    own = {outside.url}
    if outside.demo:
        own.add(outside.url.replace("//127.0.0.1", "//localhost"))
    return frozenset(own)
