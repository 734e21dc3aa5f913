"""Files with keys and certificates: all usual forms are read, and everything else is refused with an explanation."""

import random
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.keys.content import read_proof
from bot.keys.key_file import (
    BadFile,
    KeyFile,
)
from bot.keys.uses import (
    read_for_entra,
    server_context,
    trust,
)
from tests.bot.pems import NOTES, WORD, Issued, issued

ROOT = issued(name="root")
MIDDLE = issued(name="middle", above=ROOT)
OWN = issued(above=MIDDLE)
OTHER = issued(name="other")
EC = issued("ec")
OLD = Issued(OWN.key, issued(ends=30).certificate)


def file_of(directory: Path, content: bytes, word: str = "") -> KeyFile:
    path = directory / "file.pem"
    path.write_bytes(content)
    return KeyFile(path, word, "THE_PASSPHRASE")


READ = {
    "key first": (OWN.key_pem() + OWN.pem + MIDDLE.pem + ROOT.pem, ""),
    "upside down": (ROOT.pem + MIDDLE.pem + OTHER.pem + OWN.pem + OWN.key_pem(), ""),
    "Latin-1 around it": (NOTES + OWN.key_pem() + NOTES + MIDDLE.pem + NOTES + ROOT.pem + NOTES + OWN.pem, ""),
    "lines of Windows": ((OWN.key_pem() + OWN.pem + MIDDLE.pem + ROOT.pem).replace(b"\n", b"\r\n"), ""),
    "UTF-16": ((OWN.key_pem() + OWN.pem + MIDDLE.pem + ROOT.pem).decode().encode("utf-16"), ""),
    "renewed with the same key": (OWN.key_pem() + OLD.pem + OWN.pem + MIDDLE.pem + ROOT.pem, ""),
    "encrypted": (OWN.key_pem(WORD) + OWN.pem + MIDDLE.pem + ROOT.pem, WORD),
    "encrypted as of old": (
        OWN.key_pem(WORD, PrivateFormat.TraditionalOpenSSL) + OWN.pem + MIDDLE.pem + ROOT.pem,
        WORD,
    ),
}


@pytest.mark.parametrize(("content", "word"), READ.values(), ids=READ)
def test_a_key_and_its_chain_are_read_in_any_order(tmp_path: Path, content: bytes, word: str) -> None:
    """The key's own certificate comes first and its issuers follow, whatever the order in the file. Other certificates
    are left out."""
    file = file_of(tmp_path, content, word)

    proof = read_proof(file)

    assert proof.chain == (OWN.certificate, MIDDLE.certificate, ROOT.certificate)
    assert server_context(file).cert_store_stats() is not None
    assert proof.key_pem() == OWN.key_pem()


@pytest.mark.parametrize("word", ["", WORD])
@pytest.mark.parametrize("own", [OWN, EC], ids=["RSA", "EC"])
def test_a_pfx_is_read(tmp_path: Path, own: Issued, word: str) -> None:
    """A PFX is read with and without a passphrase, with an RSA or an EC key."""
    file = file_of(tmp_path, own.pfx(word), word)

    assert read_proof(file).chain[0] == own.certificate
    assert server_context(file).get_ca_certs() == []


def test_a_file_that_was_renewed_is_read_again(tmp_path: Path) -> None:
    """A renewed file is read again without a restart."""
    file = file_of(tmp_path, OWN.key_pem() + OWN.pem)
    before = read_proof(file)
    file_of(tmp_path, OTHER.key_pem() + NOTES + OTHER.pem)

    assert read_proof(file).chain != before.chain


DER_KEY = OWN.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
DAMAGED = OWN.pem[:200] + b"AAAA" * 20 + OWN.pem[280:]
BAD = {
    "empty": (b" \n", "", "is empty"),
    "random": (random.Random(7).randbytes(3000), "", "neither PEM .* nor PFX"),
    "too large": (b"x" * 1_000_001, "", "too large"),
    "the key alone": (OWN.key_pem(), "", "a private key, but not its certificate; put that into the same file"),
    "the certificate alone": (OWN.pem, "", "a certificate, but not its private key; put the private key into"),
    "neither": (b"-----BEGIN DH PARAMETERS-----\nMA==\n-----END DH PARAMETERS-----", "", "no private key and no cert"),
    "of two pairs": (OWN.key_pem() + OTHER.pem, "", "does not belong to the certificate"),
    "several keys": (OWN.key_pem() + OWN.pem + OTHER.key_pem(), "", "several private keys"),
    "no passphrase": (OWN.key_pem(WORD) + OWN.pem, "", "is encrypted; set THE_PASSPHRASE"),
    "another passphrase": (OWN.key_pem(WORD) + OWN.pem, "hush", "THE_PASSPHRASE does not open"),
    "a passphrase for nothing": (OWN.key_pem() + OWN.pem, "hush", "not encrypted; take THE_PASSPHRASE away"),
    "PFX without passphrase": (OWN.pfx(WORD), "", "a PFX that is encrypted, or damaged; set THE_PASSPHRASE"),
    "PFX, another passphrase": (OWN.pfx(WORD), "hush", "THE_PASSPHRASE does not open"),
    "half a PFX": (OWN.pfx()[:900], "", "damaged"),
    "DER certificate": (OWN.certificate.public_bytes(Encoding.DER), "", "only a certificate, as DER"),
    "DER key": (DER_KEY, "", "only a private key, as DER"),
    "damaged certificate": (OWN.key_pem() + DAMAGED, "", "a certificate in .* is damaged"),
    "damaged key": (
        OWN.key_pem()[:200] + b"!!!!" + OWN.key_pem()[204:] + OWN.pem,
        "",
        "the private key in .* is damaged",
    ),
    "trusted": (OWN.key_pem() + OWN.pem.replace(b" CERT", b" TRUSTED CERT"), "", "openssl x509"),
    "a short key": (issued("short").key_pem() + issued("short").pem, "", "KEY_TOO_SMALL"),
    "Ed25519": (
        issued("ed25519").key_pem() + issued("ed25519").pem,
        "",
        "is Ed25519; a listener needs an RSA or an EC",
    ),
}


@pytest.mark.parametrize(("content", "word", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_told_in_words(tmp_path: Path, content: bytes, word: str, said: str) -> None:
    """The refusal of a bad file names the file and what to do, and never shows the passphrase."""
    with pytest.raises(BadFile, match=said) as found:
        server_context(file_of(tmp_path, content, word))

    assert "file.pem" in str(found.value)
    assert "hush" not in repr(found.value) + repr(file_of(tmp_path, content, word))


def test_what_is_no_file(tmp_path: Path) -> None:
    """A directory, a missing file and an impossible path are refused."""
    for path in (tmp_path, tmp_path / "none", Path("a\0b")):
        for reading in (lambda at=path: read_proof(KeyFile(at)), lambda at=path: trust(at)):
            with pytest.raises(BadFile, match=r"is no file|cannot be read"):
                reading()


WHOLE = (OWN.key_pem() + OWN.pem, OWN.key_pem(WORD) + OWN.pem, EC.key_pem() + EC.pem, OWN.pfx(), OWN.pfx(WORD), OWN.pem)


@pytest.mark.parametrize("seed", range(40))
def test_no_content_is_more_than_a_bad_file(tmp_path: Path, seed: int) -> None:
    """A file with random damage is read or refused, and nothing else is raised."""
    chance = random.Random(seed)
    for whole in WHOLE:
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 5)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        start = chance.randrange(len(content))
        content[start : start + chance.choice((0, 0, 3, 90))] = chance.choice((b"", b"A", bytes(content[:50])))
        for word in ("", WORD):
            assert "file.pem" in told_of(file_of(tmp_path, bytes(content), word))


def told_of(file: KeyFile) -> str:
    """Return the refusals of this file by every reader, after the name of the file."""
    said = str(file)
    for read in (server_context, read_for_entra, lambda file: trust(file.path)):
        try:
            read(file)
        except BadFile as error:
            said += str(error)
    return said


def test_entra_takes_rsa_keys_alone(tmp_path: Path) -> None:
    """For Entra only RSA keys are accepted, because Entra takes an upload of other keys without an error and cannot use
    them."""
    for one in (EC, issued("ed25519")):
        with pytest.raises(BadFile, match=r"Entra accepts only RSA keys.*2048 bits or more, and upload it"):
            read_for_entra(file_of(tmp_path, one.key_pem() + one.pem))


def test_a_thumbprint_stands_for_the_certificate(tmp_path: Path) -> None:
    """A thumbprint can replace the certificate, in any usual spelling; a malformed or different thumbprint is
    refused."""
    thumbprint = read_proof(file_of(tmp_path, OWN.key_pem() + OWN.pem)).thumbprint
    key = file_of(tmp_path, OWN.key_pem() + b"\n")
    for written in (
        thumbprint,
        "\u200e" + thumbprint.lower(),
        ":".join(thumbprint[n : n + 2] for n in range(0, 40, 2)),
    ):
        assert read_for_entra(key, written).chain == ()
    with pytest.raises(BadFile, match="40 digits"):
        read_for_entra(key, "AB12")
    with pytest.raises(BadFile, match="not that of the certificate"):
        read_for_entra(file_of(tmp_path, OWN.key_pem() + NOTES + OWN.pem), "0" * 40)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (random.Random(7).randbytes(3000), "begins with -----BEGIN CERTIFICATE"),
        (OWN.key_pem(), "begins with -----BEGIN CERTIFICATE"),
        (OWN.pfx(), "openssl pkcs12"),
        (ROOT.certificate.public_bytes(Encoding.DER), "openssl x509 -inform DER"),
        (DAMAGED, "a certificate in it is damaged"),
    ],
)
def test_a_file_without_authorities(tmp_path: Path, content: bytes, said: str) -> None:
    """A file without certificates of authorities is refused, with the way to make a good one."""
    with pytest.raises(BadFile, match=said):
        trust(file_of(tmp_path, content).path)


def test_authorities_among_notes(tmp_path: Path) -> None:
    """Certificates of authorities are read from a file with notes between them."""
    context = trust(file_of(tmp_path, NOTES + ROOT.pem + NOTES + OTHER.pem).path)

    assert context.cert_store_stats()["x509"] == 2
    assert context.verify_mode is ssl.CERT_REQUIRED
