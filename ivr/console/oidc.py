"""Signing in with OpenID Connect: authorization code flow with PKCE, and private_key_jwt (RFC 7523).

What a provider says is believed if its ID token is signed with a key of the configured issuer, is for us, has
not expired, and answers the request that this browser made.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey
from requests import RequestException

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Of ID tokens. None with a shared secret, and never "none"."""
_SECONDS: Final = 10
"""Without an answer, after which the provider is away."""
_LEEWAY: Final = 60
"""Seconds by which the provider's clock may differ."""
_SCOPE: Final = "openid profile email"


class ProviderFailed(Exception):
    """The provider is away, or what it says cannot be believed. The text is a word for the log, no value."""


class SettingsUnreadable(Exception):
    """A setting of the provider is missing or wrong. The text is the name of the setting."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider has signed in."""

    subject: str
    """Issuer and subject: unique among all providers."""
    name: str
    mail: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of OpenID Connect, and how we prove to it who we are."""

    issuer: str
    client_id: str
    key: str = field(repr=False)
    """Our private key in PEM; with a certificate if the provider wants its thumbprint (Entra ID)."""
    name: str
    """What the button says."""
    verify: str | bool = True
    """The file with the certificates of authorities; True for those that requests knows."""

    def authorization_url(self, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Return the URL to which a browser is sent. Raises ProviderFailed."""
        with self._session(redirect) as session:
            url, _ = session.create_authorization_url(
                self._metadata(session)["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
            )
        return str(url)

    def person(self, redirect: str, code: str, nonce: str, verifier: str, now: float) -> Person:
        """Return whom the provider has signed in. `now`: seconds since 1970. Raises ProviderFailed."""
        with self._session(redirect) as session:
            metadata = self._metadata(session)
            endpoint = metadata["token_endpoint"]
            try:
                token = session.fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    allow_redirects=False,
                )
                keys = session.get(
                    metadata["jwks_uri"], withhold_token=True, allow_redirects=False, timeout=_SECONDS
                ).json()
            except (OAuthError, RequestException, ValueError, KeyError) as error:
                raise ProviderFailed(type(error).__name__) from None
        return self._believed(token, keys, nonce, now)

    def _believed(self, token: Mapping[str, Any], keys: Any, nonce: str, now: float) -> Person:
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        params = {"nonce": nonce, "client_id": self.client_id, "access_token": token.get("access_token")}
        try:
            decoded = jwt.decode(str(token["id_token"]), KeySet.import_key_set(keys), list(ALGORITHMS))
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(now=int(now), leeway=_LEEWAY)
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise ProviderFailed(type(error).__name__) from None
        mail = str(claims.get("email") or claims.get("preferred_username") or "")
        name = str(claims.get("name") or mail or claims["sub"])
        return Person(f"{self.issuer} {claims['sub']}", name[:100], mail[:254])

    def _session(self, redirect: str) -> Any:
        session = OAuth2Session(
            self.client_id,
            _imported(self.key),
            token_endpoint_auth_method="private_key_jwt",  # noqa: S106 - the name of the method
            code_challenge_method="S256",
            scope=_SCOPE,
            redirect_uri=redirect,
            default_timeout=_SECONDS,
        )
        session.verify = self.verify
        session.trust_env = False  # a .netrc would replace our Authorization
        session.register_client_auth_method(_assertion(self.key))
        return session

    def _metadata(self, session: Any) -> dict[str, str]:
        """Return the provider's metadata (https://openid.net/specs/openid-connect-discovery-1_0.html)."""
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            found = session.get(url, withhold_token=True, allow_redirects=False, timeout=_SECONDS).json()
            if found["issuer"] != self.issuer:
                raise ProviderFailed("issuer")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            metadata = {name: str(found[name]) for name in wanted}
        except (RequestException, ValueError, KeyError, TypeError) as error:
            raise ProviderFailed(type(error).__name__) from None
        if not all(is_safe(each) for each in metadata.values()):
            raise ProviderFailed("http")
        return metadata


def provider_of(env: Mapping[str, str]) -> Provider | None:
    """Return the provider that the environment names, or None. Raises SettingsUnreadable."""
    issuer = env.get("IVR_OIDC_ISSUER", "")
    if not issuer:
        return None
    if not is_safe(issuer):
        raise SettingsUnreadable("IVR_OIDC_ISSUER")
    client_id = env.get("IVR_OIDC_CLIENT_ID", "")
    if not client_id:
        raise SettingsUnreadable("IVR_OIDC_CLIENT_ID")
    try:
        key = Path(env.get("IVR_OIDC_KEY", "")).read_text("ascii")
        _imported(key)
        _assertion(key)
    except (OSError, ValueError, TypeError):
        raise SettingsUnreadable("IVR_OIDC_KEY") from None
    return Provider(issuer, client_id, key, env.get("IVR_OIDC_NAME") or urlsplit(issuer).hostname or "")


def is_safe(url: str) -> bool:
    """Whether a URL is https, or on loopback."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    )


def _imported(pem: str) -> RSAKey | ECKey:
    """Return our private key. Raises ValueError if it is neither RSA nor EC."""
    key = load_pem_private_key(pem.encode(), None)
    if isinstance(key, rsa.RSAPrivateKey):
        return RSAKey.import_key(key)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return ECKey.import_key(key)
    raise ValueError("a key that is not RSA or P-256")


def _assertion(pem: str) -> PrivateKeyJWT:
    """Return how we prove to the provider who we are.

    With a certificate, its thumbprint is in the header, and an RSA key signs as Entra ID asks for
    (https://learn.microsoft.com/entra/identity-platform/certificate-credentials).
    """
    headers, alg = {}, "RS256" if isinstance(_imported(pem), RSAKey) else "ES256"
    if "BEGIN CERTIFICATE" in pem:
        certificate = x509.load_pem_x509_certificate(pem[pem.index("-----BEGIN CERTIFICATE") :].encode())
        digest = sha256(certificate.public_bytes(Encoding.DER)).digest()
        headers["x5t#S256"] = urlsafe_b64encode(digest).rstrip(b"=").decode()
        alg = "PS256" if alg == "RS256" else alg
    return PrivateKeyJWT(headers=headers, alg=alg)
