"""Checkpoints as signed notes, in C2SP's signed-note and tlog-checkpoint format, which other tools can check."""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

_ED25519 = b"\x01"  # the signature type in C2SP signed-note
_DASH = "\u2014 "


class BadNote(Exception):
    """This is not a checkpoint, or no known key has signed it."""


class Signable(Protocol):
    """The content of a note."""

    def body(self) -> str:
        """Return the text that is signed."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log's state: its name (`origin`), the number of entries, and their root. Nothing else, so that every reader
    of C2SP's tlog-checkpoint accepts it."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, body: str) -> Self:
        """Return the checkpoint from a body whose signature was checked. Raises `BadNote` if it is not one."""
        try:
            origin, size, root = body.rstrip("\n").split("\n")
            made = cls(origin, int(size), base64.b64decode(root, validate=True))
        except ValueError as error:
            raise BadNote(f"this is no checkpoint: {error}") from None
        if made.body() != body or made.size < 1:
            raise BadNote("this is no checkpoint as this program writes them")
        return made


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A private key, with the name that its signatures carry."""

    name: str
    key: Ed25519PrivateKey

    def verifier(self) -> "Verifier":
        """Return the public key."""
        return Verifier(self.name, self.key.public_key())

    def sign(self, what: Signable) -> str:
        """Return the signed note. The same content always gives the same text."""
        body = what.body()
        signature = base64.b64encode(self.verifier().id + self.key.sign(body.encode())).decode()
        return f"{body}\n{_DASH}{self.name} {signature}\n"

    def pem(self) -> bytes:
        """Return the private key as PEM, to be kept private."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name."""

    name: str
    key: Ed25519PublicKey

    @property
    def id(self) -> bytes:
        """The key's id: four bytes (C2SP signed-note)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self._raw()).digest()[:4]

    def text(self) -> str:
        """Return the key in its published form: name, id and key."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self._raw()).decode()}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the verifier from its published form. Raises `BadNote` if it is not one."""
        try:
            name, identity, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
            made = cls(name, Ed25519PublicKey.from_public_bytes(raw[1:]))
        except ValueError as error:
            raise BadNote(f"this is no public key: {error}") from None
        if raw[:1] != _ED25519 or made.id.hex() != identity:
            raise BadNote("this is no public key: its id does not fit")
        return made

    def _raw(self) -> bytes:
        return self.key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def together(notes: Sequence[str]) -> str:
    """Return one note with the signatures of all these notes, which have the same body."""
    first, *more = notes
    return first + "".join(other.split("\n\n", 1)[1] for other in more)


def stored(note: str) -> bytes:
    """Return a note as a line of a file of notes, with its newline."""
    return json.dumps({"note": note}).encode() + b"\n"


def restored(line: bytes) -> str:
    """Return the note in such a line. Raises `BadNote` unless the line is exactly what `stored` returns."""
    try:
        note = json.loads(line)["note"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadNote("it cannot be read") from None
    if not isinstance(note, str) or stored(note) != line:
        raise BadNote("its line was changed")
    return note


def packed(note: str) -> str:
    """Return a note as one word, because chat and mail may change line breaks."""
    return base64.b64encode(note.encode()).decode()


def unpacked(kept: bytes) -> str:
    """Return the note in a text that somebody kept: the note itself, or text ending with a packed one, possibly over
    several lines.

    Raises `BadNote` if it contains none.
    """
    try:
        text = kept.decode("utf-8-sig").replace("\r\n", "\n").strip()
        if f"\n\n{_DASH}" in text:
            return f"{text}\n"
        word = "".join(text.rpartition(":")[2].split())
        note = base64.b64decode(word, validate=True).decode()
    except ValueError:
        note = ""
    if f"\n\n{_DASH}" not in note:
        raise BadNote("there is no checkpoint in it")
    return note


def opened(note: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """Return the checkpoint in a note that one of these keys has signed. Raises `BadNote` without one, or for a forged
    signature."""
    return Checkpoint.read(spoken(note, verifiers))


def spoken(note: str, verifiers: Iterable[Verifier]) -> str:
    """Return the body of a note that one of these keys has signed. Raises `BadNote` like `opened`."""
    body, _, signatures = note.partition("\n\n")
    known = {(one.name, one.id): one for one in verifiers}
    signed = False
    for line in signatures.removesuffix("\n").split("\n"):
        name, raw = _signature(line)
        verifier = known.get((name, raw[:4]))
        if verifier is None:
            continue  # another key's signature is left to readers who know that key
        try:
            verifier.key.verify(raw[4:], f"{body}\n".encode())
        except InvalidSignature:
            raise BadNote("its signature is forged, or it was changed after it was signed") from None
        signed = True
    if not signed:
        raise BadNote("it is signed by no key that is known here")
    return f"{body}\n"


def _signature(line: str) -> tuple[str, bytes]:
    """Return the signer's name, and the key's id with the signature."""
    name, _, encoded = line.removeprefix(_DASH).rpartition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raw = b""
    if not line.startswith(_DASH) or not raw or base64.b64encode(raw).decode() != encoded:
        raise BadNote("it is signed by no key that is known here")
    return name, raw
