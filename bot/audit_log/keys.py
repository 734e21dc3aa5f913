"""The signing key on disk: a private file, with the public key beside it."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.audit_log.note import BadNote, NoteSigner, Verifier
from bot.keys.content import read_private_key

PUBLIC = ".pub"
"""Suffix of the public key's file."""


def make_key(path: Path, name: str) -> Verifier:
    """Create a new key pair, readable by its owner only. Raises `FileExistsError` rather than overwrite a key.

    Raises `ValueError` for a name that is invalid in notes, or a file that the public key would overwrite.
    """
    if not name or "+" in name or any(character.isspace() for character in name):  # C2SP signed-note
        raise ValueError(f'"{name}" cannot stand before a signature: a key\'s name has no blank and no plus')
    if path.suffix == PUBLIC:
        raise ValueError(f"{path} is what the public half is called; name the private one otherwise")
    signer = NoteSigner(name, Ed25519PrivateKey.generate())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    public = path.with_suffix(PUBLIC)
    for one in (path, public):
        if one.exists():
            raise FileExistsError(f"{one} already exists; choose another name")
    # The private key is written last, in one step. If that is interrupted, there is no key yet, and it is made again.
    made = path.with_suffix(".new")
    made.unlink(missing_ok=True)
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(signer.pem())
        file.flush()
        os.fsync(file.fileno())
    public.write_text(signer.verifier().text() + "\n", encoding="utf-8")
    made.rename(path)
    return signer.verifier()


def read_key(path: Path) -> NoteSigner:
    """Return the private key in a file, with the name from the public key's file.

    Raises `ValueError` if it is of another kind, or if the public key is not its own: then nobody could verify.
    """
    key = read_private_key(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 key")
    public = path.with_suffix(PUBLIC)
    if not public.exists():
        raise ValueError(f"{public} is missing: it holds the name that stands before signatures")
    try:
        signer = NoteSigner(read_verifiers(public)[0].name, key)
    except BadNote as error:
        raise ValueError(f"{public}: {error}") from None
    if signer.verifier() not in read_verifiers(public):
        raise ValueError(f"{public} is not the public half of {path}")
    return signer


def read_verifiers(path: Path) -> list[Verifier]:
    """Return the public keys in a file, one per line. Raises `BadNote` for an invalid line."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    found = [Verifier.read(line) for line in lines if line and not line.startswith("#")]
    if not found:
        raise BadNote(f"{path} holds no public key")
    return found
