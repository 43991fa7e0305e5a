"""Signing in with OpenID Connect: the way to the provider, and back."""

import logging
from typing import Final

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as BaseResponse

from ivr.console import signing_in
from ivr.console.context import note, outside, record, seconds, stores
from ivr.console.forms import go_on, own_path
from ivr.console.oidc import Person, Provider, ProviderFailed
from ivr.store import tokens
from ivr.store.accounts import Account
from ivr.store.act_limits import ONCE_A_MINUTE
from ivr.store.acts import Action, Detail, Result
from ivr.store.handshakes import GOOD

log = logging.getLogger(__name__)

pages = Blueprint("provider", __name__)

_KEYS: Final = ("state", "nonce", "verifier", "next")


@pages.get("/inloggen/oidc")
def away() -> BaseResponse | tuple[str, int]:
    provider = _provider()
    kept = {"state": tokens.make(), "nonce": tokens.make(), "verifier": tokens.make()}
    try:
        url = provider.authorization_url(_redirect_uri(), kept["state"], kept["nonce"], kept["verifier"])
    except ProviderFailed as failure:
        return _failed(failure)
    response = redirect(url, 303)
    cookie = _signer().dumps({**kept, "next": own_path(request.args.get("next", "/"))})
    # Lax: the way back begins at the provider's site.
    response.set_cookie(
        _cookie(), cookie, max_age=GOOD, secure=outside().secure, httponly=True, samesite="Lax"
    )
    return response


@pages.get("/inloggen/oidc/terug")
def back() -> Response | tuple[str, int]:
    provider, kept = _provider(), _kept()
    state = request.args.get("state", "")
    if kept is None or kept["state"] != state or not stores().handshakes.use(state):
        return _failed(ProviderFailed("state"))
    if request.args.get("iss", provider.issuer) != provider.issuer:  # RFC 9207
        return _failed(ProviderFailed("iss"))
    code = request.args.get("code", "")
    if not code:
        return _failed(ProviderFailed("refused"))
    try:
        person = provider.person(_redirect_uri(), code, kept["nonce"], kept["verifier"], seconds())
    except ProviderFailed as failure:
        return _failed(failure)
    signing_in.sign_in(_account(person), Detail.PROVIDER)
    response = go_on(kept["next"])
    response.delete_cookie(_cookie(), secure=outside().secure, httponly=True, samesite="Lax")
    return response


def _account(person: Person) -> Account:
    """Return a person's account; at the first time, make one without rights.

    An account with a password and the same mail address stays another account: who can choose an address at
    the provider must not get somebody's rights.
    """
    accounts = stores().accounts
    found = accounts.by_subject(person.subject)
    if found is None:
        made = accounts.add(person.name, person.mail, seconds(), subject=person.subject)
        record(Action.ACCOUNT_ADD, person.name, who=person.name, account=made)
        found = accounts.by_id(made)
    if found is None:
        abort(503)
    return found


def _kept() -> dict[str, str] | None:
    """Return what the browser has kept since it went to the provider; None if it is not ours, or too old."""
    try:
        kept = _signer().loads(request.cookies.get(_cookie(), ""), max_age=GOOD)
    except BadSignature:
        return None
    return {key: str(kept[key]) for key in _KEYS}


def _failed(failure: ProviderFailed) -> tuple[str, int]:
    log.warning("a sign-in by OpenID Connect failed: %s", failure)
    note(Action.SIGN_IN, "OpenID Connect", Result.REFUSED, limits=ONCE_A_MINUTE)
    return render_template("provider_failed.html"), 401


def _provider() -> Provider:
    provider = outside().provider
    if provider is None:
        abort(404)
    return provider


def _redirect_uri() -> str:
    return outside().url + url_for("provider.back")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", "oidc")


def _cookie() -> str:
    return "__Host-oidc" if outside().secure else "oidc"
