"""The second factor of signing in: a code of an authenticator app (RFC 6238), or a passkey (WebAuthn)."""

import hmac
from typing import Final
from urllib.parse import urlsplit

import pyotp
import segno
from markupsafe import Markup
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ivr.console.context import outside, seconds, stores
from ivr.store.accounts import Account
from ivr.store.passkeys import Passkey

NAME: Final = "Balielijn"
_STEP: Final = 30
"""Seconds for which a code is shown."""
_AROUND: Final = (-1, 0, 1)
"""Steps around the present one whose code is right too: clocks differ, and typing takes time."""


def new_secret() -> str:
    """Return a new secret for an authenticator app, sealed."""
    return outside().seal.close(pyotp.random_base32())


def opened(secret: str) -> str:
    """Return a secret as it is typed into an authenticator app; empty where no key opens it."""
    return outside().seal.open(secret) or ""


def qr_code(secret: str, account: Account) -> Markup:
    """Return the picture (SVG) from which an authenticator app takes a secret. `secret`: opened."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.mail, issuer_name=NAME)
    svg = segno.make(uri, error="m").svg_inline(scale=4, dark="#000", light="#fff", omitsize=True, border=4)
    return Markup(svg)  # noqa: S704 - made by segno, of our own URI


def step_of(sealed: str, code: str) -> int | None:
    """Return the half minute of which a code is, counted since 1970; None if it is wrong."""
    secret = opened(sealed)
    if not secret:
        return None
    now, typed = int(seconds()), "".join(code.split())
    app = pyotp.TOTP(secret)
    codes = {step: app.at(now, counter_offset=step).encode() for step in _AROUND}
    right = [step for step in _AROUND if hmac.compare_digest(codes[step], typed.encode())]
    return now // _STEP + right[0] if right else None


def use_code(account: Account, code: str) -> bool:
    """Whether a code of the account's app is right and was not used before; it is used now."""
    step = step_of(account.totp, code) if account.totp else None
    return step is not None and stores().accounts.use_totp(account.id, step)


def options_to_register(account: Account) -> tuple[str, str]:
    """Return what a browser needs to make a passkey (JSON), and the challenge to keep until it answers."""
    known = [base64url_to_bytes(each.credential) for each in stores().passkeys.of(account.id)]
    options = generate_registration_options(
        rp_id=_rp_id(),
        rp_name=NAME,
        user_id=f"balielijn-{account.id}".encode(),
        user_name=account.mail,
        user_display_name=account.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def register(account: Account, challenge: str, answer: str, name: str) -> Passkey | None:
    """Return the passkey in a browser's answer; None if the answer is not right. It is not stored yet."""
    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_rp_id(),
            expected_origin=outside().url,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    return Passkey(
        bytes_to_base64url(verified.credential_id),
        account.id,
        verified.credential_public_key,
        verified.sign_count,
        name,
        int(seconds()),
    )


def options_to_sign_in(account: Account) -> tuple[str, str]:
    """Return what a browser needs to use a passkey (JSON), and the challenge to keep until it answers."""
    known = [base64url_to_bytes(each.credential) for each in stores().passkeys.of(account.id)]
    options = generate_authentication_options(
        rp_id=_rp_id(),
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def use_passkey(account: Account, challenge: str, answer: str) -> bool:
    """Whether a browser's answer proves that it has a passkey of the account."""
    for known in stores().passkeys.of(account.id):
        try:
            verified = verify_authentication_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=_rp_id(),
                expected_origin=outside().url,
                credential_public_key=known.public_key,
                credential_current_sign_count=known.used,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            continue
        if bytes_to_base64url(verified.credential_id) == known.credential:
            stores().passkeys.use(known.credential, verified.new_sign_count)
            return True
    return False


def _rp_id() -> str:
    return urlsplit(outside().url).hostname or ""
