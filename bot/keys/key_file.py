"""A file with a private key and its certificates, and why it cannot be used."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

Validity = tuple[datetime, datetime]
"""Start and end of a certificate's validity."""


class BadFile(ValueError):
    """The reason why a file cannot be used, to be appended to the name of its setting."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The file of a key and its certificates. `asks` is the setting that holds the passphrase, if there is one.

    `name` is used in messages instead of the path.
    """

    path: Path
    passphrase: str = field(default="", repr=False)
    asks: str = ""
    name: str = ""

    def __str__(self) -> str:
        return self.name or str(self.path)

    @property
    def remedy(self) -> str:
        """The remedy for an encrypted key without a passphrase."""
        return f"set {self.asks}" if self.asks else "it must not be encrypted, because nobody can type a passphrase"


@dataclass(frozen=True, slots=True)
class Proof:
    """A private key and its certificate chain, its own first; empty if the file held only the key."""

    key: PrivateKeyTypes = field(repr=False)
    chain: tuple[x509.Certificate, ...]

    @property
    def kind(self) -> str:
        """The type of the key, as in messages."""
        return type(self.key).__name__.removesuffix("PrivateKey")

    @property
    def thumbprint(self) -> str:
        """The SHA-1 of its own certificate, as Windows and the portal show it."""
        return self.chain[0].fingerprint(SHA1()).hex().upper()  # noqa: S303  it is a name, and proves nothing

    @property
    def validity(self) -> Validity | None:
        """The validity of its own certificate; `None` if there is none."""
        return (self.chain[0].not_valid_before_utc, self.chain[0].not_valid_after_utc) if self.chain else None

    def key_pem(self, passphrase: str = "") -> bytes:
        """Return the key as PEM, encrypted if a passphrase is given."""
        hidden = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)

    def chain_pem(self) -> bytes:
        """Return the certificates as PEM, its own first."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.chain)
