"""A provider of OpenID Connect on loopback, made of Authlib's server side."""

import time
from dataclasses import dataclass, field
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask, jsonify
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT = "balielijn"


@dataclass
class Client(ClientMixin):
    """The console, as it is registered with the provider."""

    redirect_uri: str
    method: str = "client_assertion_jwt"

    def get_client_id(self):
        return CLIENT

    def get_default_redirect_uri(self):
        return self.redirect_uri

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret):
        return False

    def check_endpoint_auth_method(self, method, endpoint):
        return method == self.method

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    user: dict
    payload: dict

    def get_redirect_uri(self):
        return self.payload["redirect_uri"]

    def get_scope(self):
        return self.payload["scope"]

    def get_nonce(self):
        return self.payload["nonce"]

    def get_auth_time(self):
        return int(time.time())

    def get_acr(self):
        return None

    def get_amr(self):
        return None

    @property
    def code_challenge(self):
        return self.payload["code_challenge"]

    @property
    def code_challenge_method(self):
        return self.payload["code_challenge_method"]


class Assertion(JWTBearerClientAssertion):
    """The client proves who it is with its key."""

    def __init__(self, provider):
        super().__init__()
        self.provider = provider

    def get_audiences(self):
        return [f"{self.provider.issuer}/token"]

    def validate_jti(self, claims, jti):
        self.provider.assertions.append(claims)
        return True

    def resolve_client_public_key(self, client):
        return RSAKey.import_key(self.provider.client_key.as_dict(private=False))


class Grant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = (Assertion.CLIENT_AUTH_METHOD,)
    codes = None  # of the provider

    def save_authorization_code(self, code, request):
        self.codes[code] = Code(code, request.user, dict(request.payload.data))

    def query_authorization_code(self, code, client):
        return self.codes.get(code)

    def delete_authorization_code(self, authorization_code):
        self.codes.pop(authorization_code.code)

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class Identity(OpenIDCode):
    """Writes the ID tokens."""

    def __init__(self, provider):
        super().__init__()
        self.provider = provider

    def exists_nonce(self, nonce, request):
        return False

    def get_client_claims(self, client):
        return {}

    def get_client_algorithm(self, client):
        return "RS256"

    def get_encode_header(self, client):
        return {"alg": "RS256", "kid": "1"}

    def resolve_client_private_key(self, client):
        return self.provider.signing_key or self.provider.key

    def generate_user_info(self, user, scope):
        now = int(time.time())
        own = {"iss": self.provider.issuer, "aud": [CLIENT], "iat": now, "exp": now + 300}
        return UserInfo({**own, **user, **self.provider.claims})


@dataclass
class Provider:
    """`person`: who is signed in at the provider; None refuses. `claims`: replace those of the ID tokens."""

    redirect_uri: str
    client_key: RSAKey
    person: dict = field(default_factory=lambda: {"sub": "1", "name": "Carla", "email": "carla@x.example"})
    claims: dict = field(default_factory=dict)
    issuer_said: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    signing_key: RSAKey = None
    codes: dict = field(default_factory=dict)
    assertions: list = field(default_factory=list)

    def __post_init__(self):
        self.server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def go(self, url):
        """Sign in as a browser would, and return the query of the URL to which it is sent back."""
        answer = requests.get(url, allow_redirects=False, timeout=20)
        assert answer.status_code == 302, answer.text
        parts = urlsplit(answer.headers["Location"])
        assert answer.headers["Location"].startswith(self.redirect_uri)
        return {name: values[0] for name, values in parse_qs(parts.query).items()}

    def _app(self):
        app = Flask(__name__)
        client = Client(self.redirect_uri)
        server = AuthorizationServer(app, lambda name: client if name == CLIENT else None, lambda *_: None)
        server.register_client_auth_method(Assertion.CLIENT_AUTH_METHOD, Assertion(self))
        own_grant = type("OwnGrant", (Grant,), {"codes": self.codes})
        server.register_grant(own_grant, [Identity(self), CodeChallenge(required=True)])

        @app.get("/.well-known/openid-configuration")
        def metadata():
            return jsonify(
                issuer=self.issuer_said or self.issuer,
                authorization_endpoint=f"{self.issuer}/authorize",
                token_endpoint=f"{self.issuer}/token",
                jwks_uri=f"{self.issuer}/keys",
            )

        @app.get("/keys")
        def keys():
            return jsonify(keys=[self.key.as_dict(private=False)])

        @app.get("/authorize")
        def authorize():
            grant = server.get_consent_grant(end_user=self.person)
            return server.create_authorization_response(grant=grant, grant_user=self.person)

        @app.post("/token")
        def token():
            return server.create_token_response()

        return app


def pem(key):
    return key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
