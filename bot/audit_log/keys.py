"""The key that seals, on disk: made once, private, with its public half beside it."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.audit_log.note import BadNote, Signer, Verifier
from bot.certificates import read_private_key

PUBLIC = ".pub"
"""What the public half's file is called beside the private one."""


def make_key(path: Path, name: str) -> Verifier:
    """A new key pair; `FileExistsError` rather than a key that nobody can replace. Only its owner can read the file.

    `ValueError` for a name that no note can carry, or a file that the public half would overwrite.
    """
    if not name or "+" in name or any(character.isspace() for character in name):  # C2SP signed-note
        raise ValueError(f'"{name}" cannot stand before a signature: a key\'s name has no blank and no plus')
    if path.suffix == PUBLIC:
        raise ValueError(f"{path} is what the public half is called; name the private one otherwise")
    signer = Signer(name, Ed25519PrivateKey.generate())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    public = path.with_suffix(PUBLIC)
    for one in (path, public):
        if one.exists():
            raise FileExistsError(f"{one} already exists; choose another name")
    # The private half comes last and all at once: what was cut short before that is no key yet, and is made anew.
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


def read_key(path: Path) -> Signer:
    """The private key in a file, under the name that stands in the public half beside it.

    `ValueError` if it is none of the right kind, or not the one whose public half that is: then nobody could verify.
    """
    key = read_private_key(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 key")
    public = path.with_suffix(PUBLIC)
    if not public.exists():
        raise ValueError(f"{public} is missing: it holds the name that stands before signatures")
    try:
        signer = Signer(read_verifiers(public)[0].name, key)
    except BadNote as error:
        raise ValueError(f"{public}: {error}") from None
    if signer.verifier() not in read_verifiers(public):
        raise ValueError(f"{public} is not the public half of {path}")
    return signer


def read_verifiers(path: Path) -> list[Verifier]:
    """Every public key in a file, one in each line; `BadNote` for a line that is none."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    found = [Verifier.read(line) for line in lines if line and not line.startswith("#")]
    if not found:
        raise BadNote(f"{path} holds no public key")
    return found
