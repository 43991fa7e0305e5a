"""An authenticator for passkeys (WebAuthn), as a browser and a security key together would answer."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from secrets import token_bytes

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def text(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text_):
    return urlsafe_b64decode(text_ + "=" * (-len(text_) % 4))


class Authenticator:
    """Has one key pair. `origin`: the page at which it is used."""

    def __init__(self, origin):
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = token_bytes(16)
        self.used = 0

    def create(self, options):
        """Answer the options (JSON) of a page that registers a passkey."""
        wanted = json.loads(options)
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)}
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(cose)
        authenticator = self._data(wanted["rp"]["id"], ATTESTED) + attested
        return self._answer(
            clientDataJSON=self._client("webauthn.create", wanted["challenge"]),
            attestationObject=cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": authenticator}),
        )

    def get(self, options):
        """Answer the options (JSON) of a page that asks for a passkey."""
        wanted = json.loads(options)
        client = self._client("webauthn.get", wanted["challenge"])
        authenticator = self._data(wanted["rpId"], 0)
        signature = self.key.sign(authenticator + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=authenticator, signature=signature)

    def _client(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, rp, flags):
        self.used += 1
        return sha256(rp.encode()).digest() + bytes([PRESENT | VERIFIED | flags]) + self.used.to_bytes(4)

    def _answer(self, **response):
        written = {name: text(value) for name, value in response.items()}
        credential = {"id": text(self.id), "rawId": text(self.id), "type": "public-key"}
        return json.dumps({**credential, "response": written, "clientExtensionResults": {}})
