"""Keys and certificates for tests, in all usual file forms."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from simulator.clock import wall_time

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

WORD = "open sesame + é"

NOTES = b"Bag Attributes\n    friendlyName: Sch\xfctz caf\xe9\nsubject=CN = localhost\n"
"""Notes as `openssl pkcs12` writes them before each block; the names are in Latin-1 here."""


@cache
def key(kind: str = "rsa", number: int = 0) -> Key:
    """Return a private key; the same arguments give the same key, and `number` only tells keys apart."""
    match kind:
        case "rsa":
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        case "short":
            return rsa.generate_private_key(public_exponent=65537, key_size=1024)
        case "ec":
            return ec.generate_private_key(ec.SECP256R1())
    return ed25519.Ed25519PrivateKey.generate()


@dataclass(frozen=True, slots=True)
class Issued:
    """A key with its certificate, and the issuer that signed it."""

    key: Key
    certificate: x509.Certificate
    above: "Issued | None" = None

    @property
    def pem(self) -> bytes:
        """Return the certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self, word: str = "", form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
        """Return the private key in PEM, encrypted if a passphrase is given."""
        return self.key.private_bytes(Encoding.PEM, form, _hidden(word))

    def pfx(self, word: str = "") -> bytes:
        """Return the key, the certificate and the issuer's certificate as PFX."""
        above = [self.above.certificate] if self.above else None
        return serialize_key_and_certificates("café".encode(), self.key, self.certificate, above, _hidden(word))


def issued(
    kind: str = "rsa", name: str = "localhost", above: Issued | None = None, *, begins: int = -1, ends: int = 90
) -> Issued:
    """Return a key with a certificate that is valid between these days from now, signed by itself or by `above`."""
    own, now = key(kind, len(name)), wall_time()
    signer = above.key if above else own
    issuer = above.certificate.subject if above else _named(name)
    builder = x509.CertificateBuilder().subject_name(_named(name)).issuer_name(issuer).public_key(own.public_key())
    builder = builder.serial_number(x509.random_serial_number()).add_extension(x509.BasicConstraints(True, None), True)
    builder = builder.not_valid_before(_day(now, begins)).not_valid_after(_day(now, ends))
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else SHA256()
    return Issued(own, builder.sign(signer, algorithm), above)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _day(now: datetime, days: int) -> datetime:
    return now + timedelta(days=days)


def _hidden(word: str) -> KeySerializationEncryption:
    return BestAvailableEncryption(word.encode()) if word else NoEncryption()
