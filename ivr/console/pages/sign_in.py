"""Signing in with a password and a second factor, and signing out."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from ivr.console import second_factor, signing_in
from ivr.console.context import outside, passwords, record, stores
from ivr.console.forms import FieldError, errors_at, own_path, see_other, typed
from ivr.console.viewer import viewer
from ivr.console.words import say
from ivr.store.accounts import Account
from ivr.store.acts import Action, Detail
from ivr.store.sessions import Session, Stage

pages = Blueprint("sign_in", __name__)


@pages.route("/inloggen", methods=["GET", "POST"])
def password() -> str | Response:
    if viewer() is not None:
        return see_other("overview.overview")
    if request.method == "GET":
        return _password_page([])
    mail, given = typed("mail"), request.form.get("password", "")
    account = stores().accounts.by_mail(mail)
    if minutes := signing_in.wait(account, mail, Detail.PASSWORD):
        return _password_page([FieldError("mail", say("sign-in.wait", minutes=minutes))])
    # Always compared, so that it takes as long for a mail address that has no account.
    right = passwords().verify(account.password if account else None, given)
    if account is None or not right:
        signing_in.refuse(account, mail, Detail.PASSWORD)
        return _password_page(errors_at(mail="sign-in.wrong"))
    signing_in.begin(account.id, Stage.PASSWORD, {"next": own_path(request.form.get("next", "/"))})
    return see_other("sign_in.code")


@pages.route("/inloggen/code", methods=["GET", "POST"])
def code() -> str | Response:
    found = _halfway()
    if found is None:
        return see_other("sign_in.password")
    session, account = found
    if request.method == "GET":
        return _code_page(session, account, [])
    answer = request.form.get("passkey")
    way = Detail.PASSKEY if answer else Detail.APP
    if minutes := signing_in.wait(account, account.mail, way):
        return _code_page(session, account, [FieldError("code", say("sign-in.wait", minutes=minutes))])
    if answer:
        right = second_factor.use_passkey(account, str(session.data.get("challenge", "")), answer)
        wrong = "sign-in.passkey-wrong"
    else:
        right, wrong = second_factor.use_code(account, typed("code")), "sign-in.code-wrong"
    if not right:
        signing_in.refuse(account, account.mail, way)
        return _code_page(session, account, errors_at(code=wrong))
    signing_in.sign_in(account, way)
    return _to(str(session.data.get("next", "/")))


@pages.post("/uitloggen")
def out() -> Response:
    if who := viewer():
        record(Action.SIGN_OUT, who.name)
    signing_in.sign_out()
    return see_other("sign_in.password")


def _halfway() -> tuple[Session, Account] | None:
    """Return the session and account of who has given the right password; None otherwise."""
    session = signing_in.current_session()
    if session is None or session.stage is not Stage.PASSWORD:
        return None
    account = stores().accounts.by_id(session.account)
    return None if account is None else (session, account)


def _password_page(errors: list[FieldError]) -> str:
    following = own_path(request.values.get("next", "/"))
    return render_template(
        "sign_in.html", errors=errors, mail=typed("mail"), next=following, provider=outside().provider
    )


def _code_page(session: Session, account: Account, errors: list[FieldError]) -> str:
    options = None
    if stores().passkeys.of(account.id):
        options, challenge = second_factor.options_to_sign_in(account)
        stores().sessions.keep(session, {**session.data, "challenge": challenge})
    return render_template("sign_in_code.html", errors=errors, has_app=bool(account.totp), options=options)


def _to(path: str) -> Response:
    response = see_other("overview.overview")
    response.headers["Location"] = own_path(path)
    return response
