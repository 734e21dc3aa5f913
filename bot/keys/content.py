"""Reads private keys and certificates from files: PEM or PFX, the key encrypted or not, the chain in any order.

Such files vary: `openssl pkcs12` writes names in Latin-1 between the blocks, Windows writes PFX, authorities send
chains in reverse order. All of that is read. Errors describe the file, and never repeat its content or a passphrase.
"""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import NoReturn, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from bot.keys.key_file import BadFile, KeyFile, Proof

LARGEST = 1_000_000
"""Bytes; the authorities of a whole system are a quarter of that."""


BROKEN = (ValueError, TypeError, UnsupportedAlgorithm)
"""Errors of cryptography for unreadable content."""


_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


PFX = re.compile(rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...)\x02\x01\x03\x30", re.DOTALL)
"""The start of RFC 7292's PFX: a sequence of the version 3 and another sequence."""


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
        except (InvalidSignature, *BROKEN):
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


def content_of(file: KeyFile) -> bytes:
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
    content = content_of(file)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # what PowerShell's > writes
        content = content.decode("utf-16", errors="replace").encode("latin-1", errors="replace")
    if blocks := [(found[1], found[0]) for found in _BLOCK.finditer(content)]:
        return _from_pem(file, blocks)
    if not PFX.match(content):
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
    except BROKEN:
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
        raise BadFile(f"{file} contains only a certificate, as DER; key and certificate are needed, as PEM or PFX")
    if _loads(partial(load_der_private_key, password=None), content):
        raise BadFile(f"{file} contains only a private key, as DER; key and certificate are needed, as PEM or PFX")
    raise BadFile(f"{file} holds neither PEM (-----BEGIN …) nor PFX, or it is damaged")


def _loads(load: Callable[[bytes], object], content: bytes) -> bool:
    try:
        load(content)
    except BROKEN:
        return False
    return True


@contextmanager
def readable(content: bytes) -> Iterator[str]:
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
