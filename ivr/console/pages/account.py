"""My own account: password, authenticator app, passkeys. Each change asks for the password again."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, render_template, request
from werkzeug.wrappers import Response

from ivr.console import second_factor, signing_in
from ivr.console.context import passwords, record, stores
from ivr.console.forms import FieldError, errors_at, see_other, typed
from ivr.console.passwords import weakness
from ivr.console.viewer import signed_in
from ivr.console.words import say
from ivr.store.accounts import Account
from ivr.store.acts import Action, Detail

pages = Blueprint("account", __name__)

Answer = str | Response


@pages.get("/account")
def own() -> Answer:
    return _page(_own(), [])


@pages.post("/account/wachtwoord")
def change_password() -> Answer:
    def change(account: Account) -> list[FieldError]:
        given = request.form.get("new", "")
        different = "password.different" if given != request.form.get("again", "") else None
        errors = errors_at(new=weakness(given, account.name, account.mail), again=different)
        if not errors:
            stores().accounts.set_password(account.id, passwords().hash(given))
            _end_others(account)
            record(Action.PASSWORD, account.name)
        return errors

    return _changed(change, "old", Action.PASSWORD)


@pages.post("/account/app")
def add_app() -> Answer:
    def add(account: Account) -> list[FieldError]:
        secret = str(_kept().get("secret", ""))
        if not secret or second_factor.step_of(secret, typed("code")) is None:
            return errors_at(code="factor.code-wrong")
        stores().accounts.set_totp(account.id, secret)
        record(Action.FACTOR_ADD, account.name, changed=[Detail.APP])
        return []

    return _changed(add, "app-password", Action.FACTOR_ADD, Detail.APP)


@pages.post("/account/passkey")
def add_passkey() -> Answer:
    def add(account: Account) -> list[FieldError]:
        name = typed("name", 100) or say("factor.passkey")
        challenge, answer = str(_kept().get("challenge", "")), request.form.get("passkey", "")
        passkey = second_factor.register(account, challenge, answer, name)
        if passkey is None or not stores().passkeys.add(passkey):
            return errors_at(name="factor.passkey-wrong")
        record(Action.FACTOR_ADD, account.name, changed=[Detail.PASSKEY])
        return []

    return _changed(add, "passkey-password", Action.FACTOR_ADD, Detail.PASSKEY)


@pages.post("/account/weg")
def remove_factor() -> Answer:
    which = request.form.get("factor", "")
    kind = Detail.APP if which == "app" else Detail.PASSKEY

    def remove(account: Account) -> list[FieldError]:
        passkeys = stores().passkeys.of(account.id)
        if len(passkeys) + bool(account.totp) < 2:  # noqa: PLR2004 - one must stay
            return errors_at(**{"remove-password": "factor.last"})
        if which == "app":
            stores().accounts.set_totp(account.id, None)
        elif not stores().passkeys.remove(account.id, which):
            abort(404)
        record(Action.FACTOR_REMOVE, account.name, changed=[kind])
        return []

    return _changed(remove, "remove-password", Action.FACTOR_REMOVE, kind)


def _changed(
    change: Callable[[Account], list[FieldError]], field: str, action: Action, what: Detail | None = None
) -> Answer:
    """Change something if the password in a field is right, and show the page again."""
    account = _own()
    if minutes := signing_in.wait(account, account.mail, what, action):
        return _page(account, [FieldError(field, say("sign-in.wait", minutes=minutes))])
    if not passwords().verify(account.password, request.form.get(field, "")):
        signing_in.refuse(account, account.mail, what, action)
        return _page(account, errors_at(**{field: "account.password-wrong"}))
    errors = change(account)
    if errors:
        return _page(account, errors)
    flash(say("account.changed"), "ok")
    return see_other("account.own")


def _own() -> Account:
    who = signed_in()
    account = None if who.account is None else stores().accounts.by_id(who.account)
    if account is None:
        abort(404)  # the demo has none
    return account


def _kept() -> dict[str, object]:
    session = signing_in.current_session()
    return dict(session.data) if session else {}


def _end_others(account: Account) -> None:
    session = signing_in.current_session()
    stores().sessions.end_all(account.id, but=session.token if session else "")


def _page(account: Account, errors: list[FieldError]) -> str:
    session = signing_in.current_session()
    options, challenge = second_factor.options_to_register(account)
    # After an error the picture stays the one that was scanned.
    sealed = (errors and str(_kept().get("secret", ""))) or second_factor.new_secret()
    if session and account.subject is None:
        stores().sessions.keep(session, {**session.data, "challenge": challenge, "secret": sealed})
    secret = second_factor.opened(sealed)
    return render_template(
        "account.html",
        account=account,
        passkeys=stores().passkeys.of(account.id),
        errors=errors,
        options=options,
        secret=secret,
        qr=second_factor.qr_code(secret, account),
    )
