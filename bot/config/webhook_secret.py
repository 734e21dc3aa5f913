"""The secret that signs alarms to the webhook, in the format of Standard Webhooks 1.0.0."""

import base64
import binascii

SECRET = "whsec_"  # noqa: S105  the prefix of secrets in Standard Webhooks
KEY_BYTES = range(24, 65)
"""As in Standard Webhooks: 192 to 512 bits."""


def signing_key(secret: str) -> bytes:
    """Return the bytes of a secret; empty if it is not valid in Standard Webhooks."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET), validate=True)
    except binascii.Error:
        return b""
    return key if secret.startswith(SECRET) and len(key) in KEY_BYTES else b""
