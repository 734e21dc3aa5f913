"""The secret that alarms for a webhook are signed with, as Standard Webhooks 1.0.0 writes it."""

import base64
import binascii

SECRET = "whsec_"  # noqa: S105  what a secret of Standard Webhooks begins with
KEY_BYTES = range(24, 65)
"""By Standard Webhooks: 192 to 512 bits."""


def signing_key(secret: str) -> bytes:
    """The bytes of a secret; none if it is no secret of Standard Webhooks."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET), validate=True)
    except binascii.Error:
        return b""
    return key if secret.startswith(SECRET) and len(key) in KEY_BYTES else b""
