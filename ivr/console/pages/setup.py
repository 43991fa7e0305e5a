"""The link of a new account: choose a password and a second factor. Until both are there, it stays good."""

from flask import Blueprint, abort, flash, make_response, render_template, request
from werkzeug.wrappers import Response

from ivr.console import second_factor, signing_in
from ivr.console.context import note, passwords, record, stores
from ivr.console.forms import FieldError, errors_at, see_other, typed
from ivr.console.passwords import weakness
from ivr.console.words import say
from ivr.store import tokens
from ivr.store.accounts import Account
from ivr.store.act_limits import ONCE_A_MINUTE
from ivr.store.acts import Action, Detail, Result
from ivr.store.passkeys import Passkey
from ivr.store.sessions import Session, Stage

pages = Blueprint("setup", __name__)


@pages.route("/welkom/<token>", methods=["GET", "POST"])
def password(token: str) -> str | Response | tuple[str, int]:
    account = _account(stores().links.account(tokens.hashed(token)))
    if account is None:
        return _over(None)
    if request.method == "GET":
        return render_template("setup_password.html", account=account, errors=[])
    given = request.form.get("password", "")
    different = "password.different" if given != request.form.get("again", "") else None
    errors = errors_at(password=weakness(given, account.name, account.mail), again=different)
    if errors:
        return render_template("setup_password.html", account=account, errors=errors)
    kept = {
        "link": tokens.hashed(token),
        "password": passwords().hash(given),
        "secret": second_factor.new_secret(),
    }
    signing_in.begin(account.id, Stage.SETUP, kept)
    return see_other("setup.factor")


@pages.route("/welkom", methods=["GET", "POST"])
def factor() -> str | Response | tuple[str, int]:
    session = signing_in.current_session()
    if session is None or session.stage is not Stage.SETUP:
        return see_other("sign_in.password")
    account = _account(stores().links.account(session.data["link"]))
    if account is None or account.id != session.account:
        return _over(stores().accounts.by_id(session.account))
    if request.method == "GET":
        return _factor_page(session, account, [])
    answer = request.form.get("passkey")
    if answer:
        name = typed("name", 100) or say("factor.passkey")
        passkey = second_factor.register(account, str(session.data.get("challenge", "")), answer, name)
        if passkey is None:
            return _factor_page(session, account, errors_at(name="factor.passkey-wrong"))
        _finish(session, account, passkey)
    else:
        if second_factor.step_of(session.data["secret"], typed("code")) is None:
            return _factor_page(session, account, errors_at(code="factor.code-wrong"))
        _finish(session, account, None)
    flash(say("setup.done"), "ok")
    return see_other("overview.overview")


def _finish(session: Session, account: Account, passkey: Passkey | None) -> None:
    """Take the link, set password and second factor, and sign in."""
    found = stores()
    if found.links.take(session.data["link"]) != account.id:
        abort(make_response(_over(account)))
    found.accounts.clear_factors(account.id)
    found.accounts.set_password(account.id, session.data["password"])
    if passkey is None:
        found.accounts.set_totp(account.id, session.data["secret"])
    else:
        found.passkeys.add(passkey)
    way = Detail.PASSKEY if passkey else Detail.APP
    record(Action.PASSWORD, account.name, who=account.name, account=account.id)
    record(Action.FACTOR_ADD, account.name, who=account.name, account=account.id, changed=[way])
    signing_in.sign_in(account, way)


def _factor_page(session: Session, account: Account, errors: list[FieldError]) -> str:
    options, challenge = second_factor.options_to_register(account)
    stores().sessions.keep(session, {**session.data, "challenge": challenge})
    secret = second_factor.opened(str(session.data["secret"]))
    return render_template(
        "setup_factor.html",
        errors=errors,
        qr=second_factor.qr_code(secret, account),
        secret=secret,
        options=options,
        name=typed("name", 100),
    )


def _over(account: Account | None) -> tuple[str, int]:
    """Refuse a link that is not good any more. `account`: that of the session that it began."""
    if account is None:
        note(Action.LINK, "", Result.REFUSED, limits=ONCE_A_MINUTE)
    else:
        name, number = account.name, account.id
        note(Action.LINK, name, Result.REFUSED, who=name, account=number, limits=ONCE_A_MINUTE)
    return render_template("setup_over.html"), 410


def _account(found: int | None) -> Account | None:
    return None if found is None else stores().accounts.by_id(found)
