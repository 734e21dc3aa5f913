"""Encrypts the filed calls that are stored, and makes their markers: the port `Vault`, with Fernet."""

import base64
import hashlib
import hmac
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from handlers.ports.orders import Call

PROOF_LENGTH = 8


class FernetVault:
    """Encrypts with the first of these keys and decrypts with any, so that a key can be changed while orders wait.

    A key is any text of at least 32 random characters.
    """

    def __init__(self, *keys: str) -> None:
        self._fernet = MultiFernet([Fernet(_fernet_key(key)) for key in keys])
        self._keys = keys

    def seal(self, request_id: str, call: Call) -> str:
        """Return the call, encrypted for this request."""
        written = json.dumps([request_id, call.method, call.path, base64.b64encode(call.body).decode()])
        return self._fernet.encrypt(written.encode()).decode()

    def open(self, request_id: str, sealed: str) -> Call:
        """Return the decrypted call. Raises `ValueError` if it was encrypted with another key or for another
        request."""
        try:
            written = self._fernet.decrypt(sealed)
        except InvalidToken:
            raise ValueError("the call was sealed with another key, or was changed") from None
        whose, method, path, body = json.loads(written)
        if whose != request_id:
            raise ValueError("the call was sealed for another request")
        return Call(method, path, base64.b64decode(body))

    def proof(self, request_id: str) -> str:
        """Return eight letters and digits that only this installation can make for this request."""
        return _proof(self._keys[0], request_id)

    def proves(self, request_id: str, proof: str) -> bool:
        """Return whether one of our keys made the proof."""
        return any(hmac.compare_digest(_proof(key, request_id), proof) for key in self._keys)


def _proof(key: str, request_id: str) -> str:
    """Return 40 bits of an HMAC: too many values to try out on Intune."""
    digest = hmac.digest(key.encode(), f"filed {request_id}".encode(), hashlib.sha256)
    return base64.b32encode(digest).decode()[:PROOF_LENGTH]


def _fernet_key(text: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
