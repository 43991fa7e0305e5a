"""Accounts, for managers: who may do what. A link with which somebody sets a password is shown once."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.console.context import outside, reading, record, seconds, stores
from ivr.console.forms import FieldError, errors_at, see_other, typed
from ivr.console.municipalities import municipality_names
from ivr.console.viewer import signed_in
from ivr.console.words import say
from ivr.model.fields import read_mail_address
from ivr.store.accounts import Account, MailTaken
from ivr.store.acts import Action

pages = Blueprint("accounts", __name__)

Answer = str | Response


@pages.route("/accounts", methods=["GET", "POST"])
def accounts() -> Answer:
    if request.method == "GET":
        return _list_page([])
    name, mail = typed("name", 100), typed("mail", 254)
    manager, chosen = _rights()
    errors = errors_at(
        name=None if name else "accounts.name-missing",
        mail=None if _readable(mail) else "accounts.mail-unreadable",
        manager=None if manager or chosen else "accounts.rights-missing",
    )
    if errors:
        return _list_page(errors)
    try:
        account = stores().accounts.add(name, mail, seconds(), manager=manager, municipalities=chosen)
    except MailTaken:
        return _list_page(errors_at(mail="accounts.mail-taken"))
    record(Action.ACCOUNT_ADD, name, changed=_shown(chosen, manager=manager))
    return _link_page(_found(account))


@pages.route("/accounts/<id:account>", methods=["GET", "POST"])
def account(account: int) -> Answer:
    found = _found(account)
    if request.method == "GET":
        return _account_page(found, [])
    manager, chosen = _rights()
    if found.id == signed_in().account and not manager:
        return _account_page(found, errors_at(manager="accounts.not-yourself"))
    stores().accounts.set_rights(found.id, manager=manager, municipalities=chosen)
    record(Action.ACCOUNT_RIGHTS, found.name, changed=_shown(chosen, manager=manager))
    flash(say("accounts.rights-changed", name=found.name), "ok")
    return see_other("accounts.account", account=found.id)


@pages.post("/accounts/<id:account>/link")
def reset(account: int) -> Answer:
    found = _found(account)
    if found.subject is not None:
        abort(404)  # the provider signs it in
    stores().accounts.clear_factors(found.id)
    record(Action.ACCOUNT_RESET, found.name)
    return _link_page(found)


@pages.post("/accounts/<id:account>/weg")
def remove(account: int) -> Answer:
    found = _found(account)
    if found.id == signed_in().account:
        return _account_page(found, errors_at(remove="accounts.not-yourself"))
    stores().accounts.remove(found.id)
    record(Action.ACCOUNT_REMOVE, found.name)
    flash(say("accounts.removed", name=found.name), "ok")
    return see_other("accounts.accounts")


def _found(account: int) -> Account:
    found = stores().accounts.by_id(account)
    if found is None:
        abort(404)
    return found


def _rights() -> tuple[bool, Sequence[str]]:
    """Return what was chosen: manager or not, and the slugs of municipalities that exist."""
    known = municipality_names(reading())
    return "manager" in request.form, [slug for slug in request.form.getlist("slug") if slug in known]


def _shown(chosen: Sequence[str], *, manager: bool) -> list[str]:
    """Return the rights that somebody has now, for the log of acts."""
    return [*(["manager"] if manager else []), *chosen]


def _list_page(errors: list[FieldError]) -> str:
    manager, chosen = _rights()
    return render_template(
        "accounts.html",
        accounts=stores().accounts.all(),
        names=municipality_names(reading()),
        errors=errors,
        name=typed("name", 100),
        mail=typed("mail", 254),
        manager=manager,
        chosen=chosen,
    )


def _account_page(found: Account, errors: list[FieldError]) -> str:
    names = dict(municipality_names(reading()))
    gone = {slug: slug for slug in found.municipalities if slug not in names}
    return render_template("accounts_one.html", account=found, names=names | gone, errors=errors)


def _link_page(found: Account) -> str:
    token = stores().links.make(found.id)
    link = outside().url + url_for("setup.password", token=token)
    return render_template("accounts_link.html", account=found, link=link)


def _readable(mail: str) -> bool:
    try:
        read_mail_address(mail)
    except ValueError:
        return False
    return True
