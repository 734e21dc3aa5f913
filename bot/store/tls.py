"""TLS to Redis: trusted certificates and our own, from the files that the address names."""

import ssl
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from redis.asyncio.connection import SSLConnection
from redis.exceptions import ConnectionError as NoConnection

from bot.config.redis_address import RedisAddress
from bot.keys.content import (
    read_proof,
    stamp,
)
from bot.keys.key_file import (
    BadFile,
    KeyFile,
    Proof,
)
from bot.keys.uses import (
    show,
    trust,
)


@dataclass(frozen=True, slots=True)
class Tls:
    """Creates the TLS context of a connection. Changed files are read again, so a renewed certificate is used."""

    ca_file: Path | None
    key_files: tuple[KeyFile, ...]
    checks_host: bool

    @classmethod
    def of(cls, address: RedisAddress) -> "Tls | None":
        """Return the address's TLS settings; `None` without TLS."""
        if not address.tls:
            return None
        said = address.options
        ca_file = Path(said["ssl_ca_certs"]) if "ssl_ca_certs" in said else None
        return cls(ca_file, tuple(_key_files(address)), said.get("ssl_check_hostname", True))

    def proof(self) -> Proof | None:
        """Return our client certificate, if the address names one. Raises `BadFile` if it cannot be read."""
        return read_proof(*self.key_files) if self.key_files else None

    def context(self) -> ssl.SSLContext:
        """Return the TLS context. Raises `BadFile` for unusable files."""
        files = [one.path for one in self.key_files] + ([self.ca_file] if self.ca_file else [])
        return _context(self, tuple(stamp(KeyFile(path, name="a file that the address names")) for path in files))

    def get(self) -> ssl.SSLContext:
        """Return the TLS context for redis-py, which calls this when it connects."""
        try:
            return self.context()
        except BadFile as error:
            raise NoConnection(str(error)) from None


class SecureConnection(SSLConnection):
    """A connection with our own TLS context."""

    def __init__(self, *, tls: Tls, **options: Any) -> None:
        super().__init__(**options)
        self.ssl_context = tls  # type: ignore[assignment]  # redis-py only calls its `get`


@lru_cache(maxsize=8)
def _context(tls: Tls, _stamps: tuple[object, ...]) -> ssl.SSLContext:
    context = trust(tls.ca_file, "the file that ssl_ca_certs names")
    context.check_hostname = tls.checks_host
    if proof := tls.proof():
        show(context, proof, tls.key_files[0])
    return context


def _key_files(address: RedisAddress) -> list[KeyFile]:
    """Return the key files. Errors do not show their paths: no part of an address is repeated. The passphrase belongs
    to the file with the key."""
    said = address.options
    if "ssl_certfile" not in said:
        return []
    names = [name for name in ("ssl_certfile", "ssl_keyfile") if name in said]
    passphrase = said.get("ssl_password", "")
    return [
        KeyFile(
            Path(said[name]), passphrase if name == names[-1] else "", "ssl_password", f"the file that {name} names"
        )
        for name in names
    ]
