"""Keys and certificates for each use: Entra, a listener, trust in a certificate authority."""

import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from bot.keys.content import BROKEN, PFX, content_of, read_proof, readable
from bot.keys.key_file import BadFile, KeyFile, Proof, Validity

ONLY_RSA = (
    "Entra accepts only RSA keys for an application's certificate. Make one with an RSA key of 2048 bits or more, and "
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
        with readable(proof.key_pem(passphrase) + proof.chain_pem()) as path:
            context.load_cert_chain(path, password=passphrase)
    except (ssl.SSLError, *BROKEN) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        raise BadFile(f"OpenSSL does not take the key and the certificate in {file}: {reason}") from None


def trust(ca_file: Path | None, name: str = "") -> ssl.SSLContext:
    """Create a client context that trusts only this file, or the system. Raises `BadFile` without an authority."""
    if ca_file is None:
        return ssl.create_default_context()
    file = KeyFile(ca_file, name=name)
    content = content_of(file)
    try:
        context = ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ValueError):  # OpenSSL's errors are OSErrors; they name neither file nor reason
        context = None
    if context is None or not context.cert_store_stats()["x509"]:
        raise BadFile(_why_no_authority(file, content))
    return context


def _why_no_authority(file: KeyFile, content: bytes) -> str:
    wanted = f"{file} holds no certificate of an authority as PEM"
    if PFX.match(content):
        return f"{wanted} but a PFX; write it with: openssl pkcs12 -in FILE -cacerts -nokeys -out ca.pem"
    if content.startswith(b"\x30"):
        return f"{wanted} but perhaps as DER; write it with: openssl x509 -inform DER -in FILE -out ca.pem"
    if b"CERTIFICATE-----" in content:
        return f"{wanted} that can be read; a certificate in it is damaged"
    return f"{wanted}; it begins with -----BEGIN CERTIFICATE-----"


def validity_of(context: ssl.SSLContext) -> Validity:
    """Return from when until when a context trusts any authority; the last one to expire counts."""
    held = [(_time(one, "notBefore"), _time(one, "notAfter")) for one in context.get_ca_certs()]
    if not held:  # a trusted certificate that is no authority's; OpenSSL does not list it
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    return min(begins for begins, _ in held), max(ends for _, ends in held)


def _time(certificate: Mapping[str, object], name: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate[name])), UTC)
