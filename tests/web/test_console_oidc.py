"""Signing in with OpenID Connect, at a provider that runs."""

import os
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select
from support.console import URL, make_console
from support.oidc_provider import CLIENT, Provider, pem

from ivr.console import oidc
from ivr.store.tables import ACCOUNTS, ACTS

REDIRECT = f"{URL}/inloggen/oidc/terug"

pytestmark = pytest.mark.xdist_group("oidc")


@pytest.fixture(scope="module")
def key():
    return RSAKey.generate_key(2048)


@pytest.fixture
def provider(key, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    provider = Provider(REDIRECT, key)
    yield provider
    provider.stop()


@pytest.fixture
def console(shared_home, tmp_path, provider, key):
    known = oidc.Provider(provider.issuer, CLIENT, pem(key), "uw gemeente")
    return make_console(shared_home, tmp_path, moment=lambda: datetime.now(UTC), provider=known)


def away(browser, path="/inloggen/oidc"):
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def back(browser, query):
    return browser.get("/inloggen/oidc/terug", query_string=query)


def sign_in(browser, provider):
    return back(browser, provider.go(away(browser)))


def refused(browser, answer):
    assert answer.status_code == 401
    assert "Inloggen is niet gelukt" in answer.text
    assert browser.get("/").status_code == 303


def accounts(console):
    with console.outside.engine.connect() as connection:
        return connection.execute(select(ACCOUNTS)).all()


def test_the_sign_in_page_offers_the_provider_by_name(console):
    assert "Inloggen met uw gemeente" in console.browser().get("/inloggen").text


def test_without_a_provider_there_is_no_such_way(shared_home, tmp_path):
    browser = make_console(shared_home, tmp_path).browser()
    assert "/inloggen/oidc" not in browser.get("/inloggen").text
    assert browser.get("/inloggen/oidc").status_code == 404
    assert browser.get("/inloggen/oidc/terug").status_code == 404


def test_the_request_has_a_state_a_nonce_and_a_challenge_and_no_secret(console):
    asked = parse_qs(urlsplit(away(console.browser())).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == [REDIRECT]
    assert {"state", "nonce", "code_challenge", "client_id", "scope"} <= asked.keys()
    assert asked.keys() <= {
        *("state", "nonce", "code_challenge", "code_challenge_method"),
        *("client_id", "scope", "response_type", "redirect_uri"),
    }


def test_a_first_sign_in_has_no_rights_until_a_manager_gives_them(console, provider):
    browser = console.browser()
    assert sign_in(browser, provider).status_code == 200
    page = browser.get("/").text
    assert "Ingelogd als Carla" in page
    assert "U hebt nog geen gemeente" in page
    assert "Voorbeeldstad" not in page
    (account,) = accounts(console)
    manager = console.manager()
    answer = manager.submit(f"/accounts/{account.id}", {"slug": "voorbeeldstad"})
    assert answer.status_code == 303
    assert "gemeente Voorbeeldstad" in browser.get("/").text


def test_a_person_who_comes_back_has_the_same_account(console, provider):
    sign_in(console.browser(), provider)
    provider.person["name"] = "Carla de Wit"
    sign_in(console.browser(), provider)
    assert [row.name for row in accounts(console)] == ["Carla"]


def test_somebody_else_with_the_same_mail_gets_nobodys_rights(console, provider):
    console.account("Carla", manager=True)
    provider.person["email"] = "carla@voorbeeldstad.example"
    browser = console.browser()
    sign_in(browser, provider)
    assert browser.get("/accounts").status_code == 403
    assert len(accounts(console)) == 2


def test_the_console_proves_who_it_is_with_its_key(console, provider):
    sign_in(console.browser(), provider)
    (claims,) = provider.assertions
    assert claims["iss"] == claims["sub"] == CLIENT
    assert claims["exp"] > time.time()


def test_the_way_back_ends_at_a_page_of_ours_from_where_the_strict_cookie_is_sent(console, provider):
    browser = console.browser()
    answer = back(browser, provider.go(away(browser, "/inloggen/oidc?next=/account")))
    assert '<meta http-equiv="refresh" content="0; url=/account">' in answer.text
    assert browser.cookie("__Host-session").same_site == "Strict"
    assert browser.cookie("__Host-oidc") is None


def test_the_cookie_of_the_way_away_is_lax_and_short(console):
    browser = console.browser()
    away(browser)
    cookie = browser.cookie("__Host-oidc")
    assert (cookie.same_site, cookie.secure, cookie.http_only, cookie.max_age) == ("Lax", True, True, 600)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": ["somebody-else"]},
        {"aud": [CLIENT, "somebody-else"], "azp": "somebody-else"},
        {"exp": 1_000_000_000},
        {"iat": 4_000_000_000},
        {"nonce": "of another request"},
        {"sub": None},
    ],
    ids=["issuer", "audience", "party", "expired", "ahead", "nonce", "subject"],
)
def test_a_token_that_is_wrong_expired_or_for_somebody_else_signs_nobody_in(console, provider, claims):
    provider.claims = claims
    browser = console.browser()
    refused(browser, sign_in(browser, provider))
    assert accounts(console) == []


def test_a_token_that_another_key_has_signed_signs_nobody_in(console, provider):
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "1"})
    browser = console.browser()
    refused(browser, sign_in(browser, provider))


def test_metadata_of_another_issuer_is_not_believed(console, provider):
    provider.issuer_said = "https://elsewhere.example"
    browser = console.browser()
    refused(browser, browser.get("/inloggen/oidc"))


def test_a_state_is_good_once(console, provider):
    browser = console.browser()
    query = provider.go(away(browser))
    kept = browser.cookie("__Host-oidc").value
    assert back(browser, query).status_code == 200
    again = console.browser()
    again.client.set_cookie("__Host-oidc", kept, domain="console.example", secure=True)
    refused(again, back(again, query))


def test_a_state_of_another_browser_signs_nobody_in(console, provider):
    """Or somebody could be made to sign in as somebody else."""
    query = provider.go(away(console.browser()))
    victim = console.browser()
    away(victim)
    refused(victim, back(victim, query))
    without = console.browser()
    refused(without, back(without, query))


def test_a_code_of_another_request_signs_nobody_in(console, provider):
    """Its challenge is another one."""
    stolen = provider.go(away(console.browser()))
    browser = console.browser()
    own = provider.go(away(browser))
    refused(browser, back(browser, {**own, "code": stolen["code"]}))


def test_an_answer_that_names_another_issuer_is_refused(console, provider):
    browser = console.browser()
    query = provider.go(away(browser))
    refused(browser, back(browser, {**query, "iss": "https://elsewhere.example"}))


def test_who_is_refused_by_the_provider_is_told_so(console, provider):
    provider.person = None
    browser = console.browser()
    refused(browser, sign_in(browser, provider))


def test_while_the_provider_is_away_the_page_says_so(console, provider):
    browser = console.browser()
    url = away(browser)
    query = provider.go(url)
    provider.stop()
    refused(browser, back(browser, query))
    refused(browser, browser.get("/inloggen/oidc"))
    provider.stop = lambda: None


def test_the_log_of_acts_holds_who_and_no_token(console, provider, caplog):
    browser = console.browser()
    query = provider.go(away(browser))
    back(browser, query)
    refused_query = provider.go(away(console.browser()))
    back(console.browser(), refused_query)
    with console.outside.engine.connect() as connection:
        rows = connection.execute(select(ACTS)).all()
    assert [(row.who, row.action, row.result) for row in rows] == [
        ("Carla", "account-add", "done"),
        ("Carla", "sign-in", "done"),
        ("", "sign-in", "refused"),
    ]
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("ivr")]
    assert logged
    kept = str([tuple(row) for row in rows]) + str(logged)
    assert query["code"] not in kept
    assert query["state"] not in kept


@pytest.fixture
def env(tmp_path, key):
    file = tmp_path / "key.pem"
    file.write_text(pem(key), "ascii")
    issuer = "https://login.example/realms/gemeente"
    return {"IVR_OIDC_ISSUER": issuer, "IVR_OIDC_CLIENT_ID": CLIENT, "IVR_OIDC_KEY": str(file)}


def test_the_environment_names_the_provider(env):
    provider = oidc.provider_of(env)
    assert (provider.issuer, provider.client_id, provider.name) == (
        env["IVR_OIDC_ISSUER"],
        CLIENT,
        "login.example",
    )
    assert oidc.provider_of({}) is None
    assert "PRIVATE" not in repr(provider)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IVR_OIDC_ISSUER", "http://login.example"),
        ("IVR_OIDC_CLIENT_ID", ""),
        ("IVR_OIDC_KEY", ""),
        ("IVR_OIDC_KEY", os.devnull),
    ],
)
def test_a_setting_of_the_provider_that_is_wrong_is_named(env, name, value):
    with pytest.raises(oidc.SettingsUnreadable, match=name):
        oidc.provider_of({**env, name: value})


def certificate_of(pem_key):
    """A certificate (PEM) of a private key, signed with itself."""
    private = load_pem_private_key(pem_key.encode(), None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "balielijn-console")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    made = made.serial_number(1).not_valid_before(datetime(2026, 1, 1)).not_valid_after(datetime(2028, 1, 1))
    return made.sign(private, SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("kind", "certified", "alg"),
    [
        (lambda: RSAKey.generate_key(2048), False, "RS256"),
        (lambda: RSAKey.generate_key(2048), True, "PS256"),
        (lambda: ECKey.generate_key("P-256"), False, "ES256"),
        (lambda: ECKey.generate_key("P-256"), True, "ES256"),
    ],
)
def test_with_a_certificate_the_console_signs_as_entra_id_asks_for_and_names_the_certificate(
    kind, certified, alg
):
    """https://learn.microsoft.com/entra/identity-platform/certificate-credentials"""
    key = kind()
    certificate = certificate_of(pem(key)) if certified else ""
    method = oidc._assertion(pem(key) + certificate)
    client = SimpleNamespace(client_id=CLIENT, client_secret=key)
    signed = method.sign(client, "https://login.example/token")
    token = jwt.decode(signed, key, [alg])
    assert token.header["alg"] == alg
    thumbprint = token.header.get("x5t#S256")
    if certified:
        der = x509.load_pem_x509_certificate(certificate.encode()).fingerprint(SHA256())
        assert thumbprint == urlsafe_b64encode(der).rstrip(b"=").decode()
    else:
        assert thumbprint is None
    assert (token.claims["iss"], token.claims["sub"], token.claims["aud"]) == (
        *(CLIENT, CLIENT),
        "https://login.example/token",
    )
