"""Reads private keys and certificates from files: PEM or PFX, the key encrypted or not, the chain in any order.

Such files vary: `openssl pkcs12` writes names in Latin-1 between the blocks, Windows writes PFX, authorities send
chains in reverse order. All of that is read. Errors describe the file, and never repeat its content or a passphrase.
"""

import os
import re
import ssl
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from secrets import token_hex
from typing import NoReturn, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

LARGEST = 1_000_000
"""Bytes; the authorities of a whole system are a quarter of that."""

_BROKEN = (ValueError, TypeError, UnsupportedAlgorithm)
"""Errors of cryptography for unreadable content."""

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_PFX = re.compile(rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...)\x02\x01\x03\x30", re.DOTALL)
"""The start of RFC 7292's PFX: a sequence of the version 3 and another sequence."""


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
        return f"set {self.asks}" if self.asks else "it must not be, for nobody is there to type a passphrase"


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


def read_proof(*files: KeyFile, needs_certificate: bool = True) -> Proof:
    """Return the key and the certificates in these files. Raises `BadFile` unless they belong together.

    The content is cached until the file changes.
    """
    found = _Found()
    for file in files:
        found += _read(file, stamp(file))
    return _fitting(files, found, needs_certificate=needs_certificate)


def read_private_key(path: Path) -> PrivateKeyTypes:
    """Return the only private key of an unencrypted file without a certificate. Raises `BadFile` if there is none."""
    return read_proof(KeyFile(path), needs_certificate=False).key


# --- for each purpose ---------------------------------------------------------------------------------------------

ONLY_RSA = (
    "Entra takes RSA keys alone for an application's certificate. Make one with an RSA key of 2048 bits or more, and "
    "upload it to the app registration"
)
"""The algorithm "must be PS256" (https://learn.microsoft.com/entra/identity-platform/certificate-credentials). A
certificate of another kind can be uploaded and fails at the first token (microsoft-identity-web#1809,
microsoft-authentication-library-for-dotnet#2573, microsoft-authentication-library-for-python#534)."""

NOT_FOR_LISTENING = "a listener needs an RSA or an EC key, since Teams and browsers take no others"
"""CA/Browser Forum, Baseline Requirements for TLS server certificates, 6.1.5."""


def read_for_entra(file: KeyFile, thumbprint: str = "") -> Proof:
    """Return an application's credential for Entra. With a `thumbprint`, the file does not need the certificate."""
    wanted = plain_thumbprint(thumbprint)
    if thumbprint and not re.fullmatch("[0-9A-F]{40}", wanted):
        raise BadFile("the thumbprint is the certificate's SHA-1: 40 digits from 0 to 9 and A to F")
    proof = read_proof(file, needs_certificate=not wanted)
    if not isinstance(proof.key, RSAPrivateKey):
        raise BadFile(f"the key in {file} is {proof.kind}; {ONLY_RSA}")
    if wanted and proof.chain and proof.thumbprint != wanted:
        raise BadFile(f"the thumbprint is not that of the certificate in {file}; correct it or leave it out")
    return proof


def plain_thumbprint(written: str) -> str:
    """Return only the digits: Windows' dialog copies an invisible mark, and openssl writes colons."""
    return re.sub(r"[\s:\u200e]", "", written).upper()


def server_context(file: KeyFile) -> ssl.SSLContext:
    """Create the TLS context of a server."""
    proof = read_proof(file)
    if not isinstance(proof.key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise BadFile(f"the key in {file} is {proof.kind}; {NOT_FOR_LISTENING}")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    show(context, proof, file)
    return context


def show(context: ssl.SSLContext, proof: Proof, file: KeyFile) -> None:
    """Load these certificates into a context. Raises `BadFile` for what OpenSSL rejects, such as a short key."""
    passphrase = token_hex(32)
    try:
        with _readable(proof.key_pem(passphrase) + proof.chain_pem()) as path:
            context.load_cert_chain(path, password=passphrase)
    except (ssl.SSLError, *_BROKEN) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        raise BadFile(f"OpenSSL does not take the key and the certificate in {file}: {reason}") from None


def trust(ca_file: Path | None, name: str = "") -> ssl.SSLContext:
    """Create a client context that trusts only this file, or the system. Raises `BadFile` without an authority."""
    if ca_file is None:
        return ssl.create_default_context()
    file = KeyFile(ca_file, name=name)
    content = _content(file)
    try:
        context = ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ValueError):  # OpenSSL's errors are OSErrors; they name neither file nor reason
        context = None
    if context is None or not context.cert_store_stats()["x509"]:
        raise BadFile(_why_no_authority(file, content))
    return context


def _why_no_authority(file: KeyFile, content: bytes) -> str:
    wanted = f"{file} holds no certificate of an authority as PEM"
    if _PFX.match(content):
        return f"{wanted} but a PFX; write it with: openssl pkcs12 -in FILE -cacerts -nokeys -out ca.pem"
    if content.startswith(b"\x30"):
        return f"{wanted} but perhaps as DER; write it with: openssl x509 -inform DER -in FILE -out ca.pem"
    if b"CERTIFICATE-----" in content:
        return f"{wanted} that can be read; a certificate in it is damaged"
    return f"{wanted}; it begins with -----BEGIN CERTIFICATE-----"


# --- the content of a file ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Certificate:
    """A certificate whose relevant parts can be read; cryptography parses them only on access."""

    whole: x509.Certificate
    subject: bytes
    issuer: bytes
    ends: datetime
    public_key: bytes

    @classmethod
    def of(cls, whole: x509.Certificate) -> Self:
        """Read its parts. Raises what cryptography raises."""
        names = whole.subject.public_bytes(), whole.issuer.public_bytes()
        _ = whole.not_valid_before_utc
        try:
            public = whole.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        except UnsupportedAlgorithm:  # an authority's key of an unknown kind; one of ours would be refused anyway
            public = b""
        return cls(whole, *names, whole.not_valid_after_utc, public)

    def is_signed_by(self, other: Self) -> bool:
        """Return whether `other` is the issuer of this certificate."""
        if self.issuer != other.subject:
            return False
        try:
            self.whole.verify_directly_issued_by(other.whole)
        except (InvalidSignature, *_BROKEN):
            return False
        return True


@dataclass(frozen=True, slots=True)
class _Found:
    keys: tuple[PrivateKeyTypes, ...] = ()
    certificates: tuple[_Certificate, ...] = ()

    def __add__(self, other: "_Found") -> "_Found":
        return _Found(self.keys + other.keys, self.certificates + other.certificates)


def _fitting(files: tuple[KeyFile, ...], found: _Found, *, needs_certificate: bool) -> Proof:
    where = " and ".join(map(str, files))
    own = {_public(key): key for key in found.keys}
    if not own:
        held = "a certificate, but not its private key" if found.certificates else "no private key and no certificate"
        raise BadFile(f"{where} holds {held}; put the private key into the same file, as PEM, or export both as PFX")
    if len(own) > 1:
        raise BadFile(f"{where} holds several private keys; leave only the one that is meant")
    [(public, key)] = own.items()
    if not found.certificates:
        if needs_certificate:
            raise BadFile(f"{where} holds a private key, but not its certificate; put that into the same file, as PEM")
        return Proof(key, ())
    if not (ours := [one for one in found.certificates if one.public_key == public]):
        raise BadFile(f"the private key in {where} does not belong to the certificate there; give the two of one pair")
    newest = max(ours, key=lambda one: one.ends)  # of a certificate that was renewed with the same key
    return Proof(key, tuple(one.whole for one in _chain(newest, found.certificates)))


def _public(key: PrivateKeyTypes) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _chain(own: _Certificate, others: Iterable[_Certificate]) -> list[_Certificate]:
    """Return the chain from its own certificate upwards: servers have to send it in this order (RFC 5246, 7.4.2)."""
    chain, left = [own], [one for one in others if one.whole != own.whole]
    while above := next((one for one in left if chain[-1].is_signed_by(one)), None):
        chain.append(above)
        left = [one for one in left if one.whole != above.whole]
    return chain


def stamp(file: KeyFile) -> tuple[int, ...]:
    """Return a value that changes with the file. Raises `BadFile` if there is no file."""
    try:
        state = file.path.stat()
    except (OSError, ValueError) as error:
        raise BadFile(f"{file} cannot be read: {_reason(error)}") from None
    return state.st_mtime_ns, state.st_size, state.st_ino


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or "there can be no such file"


def _content(file: KeyFile) -> bytes:
    if stamp(file) and not file.path.is_file():
        raise BadFile(f"{file} is no file")
    try:
        with file.path.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise BadFile(f"{file} cannot be read: {_reason(error)}; the bot's user has to be able to") from None
    if not content.strip():
        raise BadFile(f"{file} is empty")
    if len(content) > LARGEST:
        raise BadFile(f"{file} is too large to be a key or a certificate")
    return content


@lru_cache(maxsize=32)
def _read(file: KeyFile, _stamp: tuple[int, ...]) -> _Found:
    content = _content(file)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # what PowerShell's > writes
        content = content.decode("utf-16", errors="replace").encode("latin-1", errors="replace")
    if blocks := [(found[1], found[0]) for found in _BLOCK.finditer(content)]:
        return _from_pem(file, blocks)
    if not _PFX.match(content):
        _refuse_der(file, content)
    return _from_pfx(file, content)


def _from_pem(file: KeyFile, blocks: Iterable[tuple[bytes, bytes]]) -> _Found:
    """Read the blocks between BEGIN and END; the text around them is ignored."""
    found = _Found()
    for name, block in blocks:
        if name.endswith(b"PRIVATE KEY"):
            found += _Found(keys=(_key(file, block),))
        elif name in (b"CERTIFICATE", b"X509 CERTIFICATE"):
            plain = block.replace(b"X509 CERTIFICATE", b"CERTIFICATE")
            found += _Found(certificates=(_certificate(file, plain),))
        elif name == b"TRUSTED CERTIFICATE":
            raise BadFile(f"{file} holds a certificate with OpenSSL's own trust settings; write it with: openssl x509")
    return found


def _key(file: KeyFile, block: bytes) -> PrivateKeyTypes:
    is_encrypted = b"ENCRYPTED" in block
    if is_encrypted and not file.passphrase:
        raise BadFile(f"the private key in {file} is encrypted; {file.remedy}")
    if file.passphrase and not is_encrypted:
        raise BadFile(f"the private key in {file} is not encrypted; take {file.asks} away")
    try:
        return load_pem_private_key(block, file.passphrase.encode() or None)
    except UnsupportedAlgorithm:
        raise BadFile(
            f"the private key in {file} is of a kind, or encrypted in a way, that is not known here"
        ) from None
    except (ValueError, TypeError):
        if is_encrypted:
            raise BadFile(f"{file.asks} does not open the private key in {file}, or the file is damaged") from None
        raise BadFile(f"the private key in {file} is damaged, or of a kind that is not known here") from None


def _certificate(file: KeyFile, block: bytes) -> _Certificate:
    try:
        return _Certificate.of(x509.load_pem_x509_certificate(block))
    except _BROKEN:
        raise BadFile(f"a certificate in {file} is damaged; export it again") from None


def _from_pfx(file: KeyFile, content: bytes) -> _Found:
    try:
        store = load_pkcs12(content, file.passphrase.encode() or None)
        certificates = [one for one in (store.cert, *store.additional_certs) if one]
        held = tuple(_Certificate.of(one.certificate) for one in certificates)
    except UnsupportedAlgorithm:
        raise BadFile(f"{file} is a PFX encrypted in a way that is not known here; export it with AES-256") from None
    except (ValueError, TypeError):
        if file.passphrase:
            raise BadFile(f"{file.asks} does not open {file}, a PFX, or the file is damaged") from None
        raise BadFile(f"{file} is a PFX that is encrypted, or damaged; {file.remedy}") from None
    return _Found((store.key,) if store.key else (), held)


def _refuse_der(file: KeyFile, content: bytes) -> NoReturn:
    """Refuse a file that is neither PEM nor PFX. DER cannot hold both the key and the certificate."""
    if _loads(x509.load_der_x509_certificate, content):
        raise BadFile(f"{file} holds a certificate alone, as DER; key and certificate are needed, as PEM or PFX")
    if _loads(partial(load_der_private_key, password=None), content):
        raise BadFile(f"{file} holds a private key alone, as DER; key and certificate are needed, as PEM or PFX")
    raise BadFile(f"{file} holds neither PEM (-----BEGIN …) nor PFX, or it is damaged")


def _loads(load: Callable[[bytes], object], content: bytes) -> bool:
    try:
        load(content)
    except _BROKEN:
        return False
    return True


@contextmanager
def _readable(content: bytes) -> Iterator[str]:
    """Yield a path with this content: OpenSSL reads keys only from files, and a container may have no disk."""
    if sys.platform == "linux":
        descriptor = os.memfd_create("key")
        try:
            os.write(descriptor, content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file.name


def validity_of(context: ssl.SSLContext) -> Validity:
    """Return from when until when a context trusts any authority; the last one to expire counts."""
    held = [(_time(one, "notBefore"), _time(one, "notAfter")) for one in context.get_ca_certs()]
    if not held:  # a trusted certificate that is no authority's; OpenSSL does not list it
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    return min(begins for begins, _ in held), max(ends for _, ends in held)


def _time(certificate: Mapping[str, object], name: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate[name])), UTC)
