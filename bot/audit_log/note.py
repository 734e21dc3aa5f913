"""Checkpoints as signed notes, in the form of C2SP's signed-note and tlog-checkpoint: any tool can check them."""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

_ED25519 = b"\x01"  # the signature type of C2SP signed-note
_DASH = "\u2014 "


class BadNote(Exception):
    """This is no checkpoint, or nobody whom we know has signed it."""


class Signable(Protocol):
    """What a note may say."""

    def body(self) -> str:
        """What is signed."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log's state: its name (`origin`), how many entries, and their root. Nothing else stands in it, so that every
    reader of C2SP's tlog-checkpoint takes it."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, body: str) -> Self:
        """The checkpoint in a body whose signature was checked; `BadNote` if it is none."""
        try:
            origin, size, root = body.rstrip("\n").split("\n")
            made = cls(origin, int(size), base64.b64decode(root, validate=True))
        except ValueError as error:
            raise BadNote(f"this is no checkpoint: {error}") from None
        if made.body() != body or made.size < 1:
            raise BadNote("this is no checkpoint as this program writes them")
        return made


@dataclass(frozen=True, slots=True)
class Signer:
    """A key with the name that stands before its signatures."""

    name: str
    key: Ed25519PrivateKey

    def verifier(self) -> "Verifier":
        """Its public half."""
        return Verifier(self.name, self.key.public_key())

    def sign(self, what: Signable) -> str:
        """The signed note. Signing the same again gives the same text."""
        body = what.body()
        signature = base64.b64encode(self.verifier().id + self.key.sign(body.encode())).decode()
        return f"{body}\n{_DASH}{self.name} {signature}\n"

    def pem(self) -> bytes:
        """The private key, to be kept where nobody else reads it."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name."""

    name: str
    key: Ed25519PublicKey

    @property
    def id(self) -> bytes:
        """Four bytes that tell it from others (C2SP signed-note)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self._raw()).digest()[:4]

    def text(self) -> str:
        """As it is handed out: name, id, and key."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self._raw()).decode()}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The verifier in such a text; `BadNote` if it is none."""
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
    """One note of several that say the same, with the signatures of all."""
    first, *more = notes
    return first + "".join(other.split("\n\n", 1)[1] for other in more)


def stored(note: str) -> bytes:
    """A note as a line of a file of notes, with the line's end."""
    return json.dumps({"note": note}).encode() + b"\n"


def restored(line: bytes) -> str:
    """The note in such a line; `BadNote` unless it is, to the byte, what `stored` makes."""
    try:
        note = json.loads(line)["note"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadNote("it cannot be read") from None
    if not isinstance(note, str) or stored(note) != line:
        raise BadNote("its line was changed")
    return note


def packed(note: str) -> str:
    """A note as one word, for where lines get lost: a chat, a mail."""
    return base64.b64encode(note.encode()).decode()


def unpacked(kept: bytes) -> str:
    """The note in what somebody kept: the note itself, or text that ends with a packed one, on one line or several.

    `BadNote` if there is none in it.
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
    """The checkpoint in a note that one of these has signed; `BadNote` if none has, or if one's signature is forged."""
    return Checkpoint.read(spoken(note, verifiers))


def spoken(note: str, verifiers: Iterable[Verifier]) -> str:
    """What a note says that one of these has signed; `BadNote` as above."""
    body, _, signatures = note.partition("\n\n")
    known = {(one.name, one.id): one for one in verifiers}
    signed = False
    for line in signatures.removesuffix("\n").split("\n"):
        name, raw = _signature(line)
        verifier = known.get((name, raw[:4]))
        if verifier is None:
            continue  # another key's: whoever knows that one will check it
        try:
            verifier.key.verify(raw[4:], f"{body}\n".encode())
        except InvalidSignature:
            raise BadNote("its signature is forged, or it was changed after it was signed") from None
        signed = True
    if not signed:
        raise BadNote("it is signed by no key that is known here")
    return f"{body}\n"


def _signature(line: str) -> tuple[str, bytes]:
    """Whose it is, and the key's id with the signature."""
    name, _, encoded = line.removeprefix(_DASH).rpartition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raw = b""
    if not line.startswith(_DASH) or not raw or base64.b64encode(raw).decode() != encoded:
        raise BadNote("it is signed by no key that is known here")
    return name, raw
