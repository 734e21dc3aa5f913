"""Derives what a sign-in needs in both halves, so that none of it is stored.

All values are computed from the session key that the replicas share, the link's nonce, and a random cookie of the
browser that started. So no replica and no store holds a secret, and any replica can finish what another one started.
"""

import base64
import hashlib
import hmac
import secrets

KEY_BYTES = 32

PASS_SECONDS = 600
"""The same as for a stored nonce."""


class Seal:
    """Derives the values of a sign-in; `nonce` and `browser` are words in the URL-safe alphabet."""

    def __init__(self, session_key: bytes) -> None:
        if len(session_key) < KEY_BYTES:
            raise ValueError(f"the session key needs {KEY_BYTES} bytes at least")
        self._key = session_key

    def state(self, nonce: str, browser: str) -> str:
        """Return the state that Entra passes to the callback: the nonce, and a proof that this browser began."""
        return f"{nonce}.{self._derive('state', nonce, browser)}"

    def nonce_of(self, state: str, browser: str) -> str | None:
        """Return the nonce in a state that was made for this browser, else `None`."""
        nonce = state.partition(".")[0]
        return nonce if hmac.compare_digest(self.state(nonce, browser).encode(), state.encode()) else None

    def door_pass(self, now: float) -> str:
        """Return a nonce for the emergency, valid for some minutes from `now`. It is not stored."""
        said = f"{int(now) + PASS_SECONDS:x}-{secrets.token_hex(8)}"
        return f"emergency-{said}-{self._derive('emergency', said, '')}"

    def is_door_pass(self, nonce: str, now: float) -> bool:
        """Return whether it was made with our key and is still valid."""
        emergency, until, word, proof = (*nonce.split("-", 3), "", "", "")[:4]
        genuine = hmac.compare_digest(self._derive("emergency", f"{until}-{word}", "").encode(), proof.encode())
        return genuine and emergency == "emergency" and now < int(until, 16)

    def verifier(self, nonce: str, browser: str) -> str:
        """Return PKCE's code verifier: 43 characters (RFC 7636 asks for 43 to 128)."""
        return self._derive("verifier", nonce, browser)

    def id_nonce(self, nonce: str, browser: str) -> str:
        """Return the nonce that the id token must contain."""
        return self._derive("id-nonce", nonce, browser)

    def _derive(self, purpose: str, nonce: str, browser: str) -> str:
        digest = hmac.digest(self._key, f"{purpose}|{nonce}|{browser}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
