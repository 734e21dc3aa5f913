"""Text that Intune stores encoded, read leniently; its hash is always over what was sent, not over what we made of it.

Base64 arrives wrapped in lines (RFC 2045, section 6.8; `Convert.ToBase64String` with `InsertLineBreaks`), without
padding and in the alphabet for URLs (RFC 4648, sections 3.2 and 5; OpenAPI's description of Graph says "base64url" of
its binary values: api-evangelist/microsoft-graph, json-schema, omaSettingStringXml). Files come in the encodings that
PowerShell writes and reads: UTF-8 with or without a mark, UTF-16 in either order, and the code page of Windows
(https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_character_encoding).
"""

import base64
import binascii
import codecs
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_WRAPPED = re.compile(r"[ \t]*\r?\n[ \t]*|\r")
"""Where a text was wrapped. Blanks within a line are no wrapping: whoever sends words has not encoded them."""

_ALPHABET = re.compile(r"[A-Za-z0-9+/]*")
_FOR_URLS = str.maketrans("-_", "+/")

_MARKS = (
    # The longer first: a mark of UTF-32 begins with one of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARK = "\ufeff"

_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
"""Half of a surrogate pair, or a whole one, as JSON writes it."""

_LATIN = 0.25
"""Of the units of a text in UTF-16: so many at least are Latin letters, signs or line ends, whose other byte is 0."""

_ANSI = "cp1252"
_ASCII_OF_ANSI = 0.7
"""Of the bytes of a script in the code page of Windows: its keywords are ASCII, a picture's bytes are not."""

_WRITTEN_TWICE = 3
"""Layers of JSON in a string of JSON. Nobody writes more."""


DEEPEST = 64
"""Levels of objects and lists; Intune's own go down to about ten."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A stored text.

    `sha256` is over the bytes of the file, as `Get-FileHash` gives it, where they could be had; else over the text as
    it was sent. Where that is no text, `text` is empty and `encoding` too.
    """

    text: str
    sha256: str
    encoding: str

    @property
    def is_readable(self) -> bool:
        """Whether `text` is what will run."""
        return bool(self.encoding)

    @property
    def lines(self) -> int:
        """How many lines the text has; none where it cannot be read."""
        return len(self.text.splitlines())


def decode(stored: str) -> Decoded:
    """A text that is stored in base64. Never raises: what is no base64, or no text, cannot be read and has its hash."""
    raw = from_base64(stored)
    if raw is None:
        return Decoded("", hashlib.sha256(as_sent(stored)).hexdigest(), "")
    return decode_bytes(raw)


def decode_or_plain(stored: str) -> Decoded:
    """A text that may be stored in base64 or as it is: words stay words, even where base64 could make bytes of them."""
    raw = from_base64(stored)
    found = decode_bytes(raw) if raw else None
    if found is not None and found.is_readable:
        return found
    return Decoded(well_formed(stored), hashlib.sha256(as_sent(stored)).hexdigest(), "plain")


def decode_bytes(raw: bytes) -> Decoded:
    """The text of a file, and the hash of its bytes."""
    sha256 = hashlib.sha256(raw).hexdigest()
    for text, encoding in _readings(raw):
        if "\0" not in text:
            return Decoded(text, sha256, encoding)
    return Decoded("", sha256, "")


def from_base64(stored: str) -> bytes | None:
    """The bytes of a text in base64, however it is wrapped and padded; `None` where it is none."""
    written = _WRAPPED.sub("", stored.strip(f" \t\r\n{_MARK}")).translate(_FOR_URLS)
    unpadded = written.rstrip("=")
    if len(written) - len(unpadded) > 2 or len(unpadded) % 4 == 1 or not _ALPHABET.fullmatch(unpadded):
        return None
    try:
        return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except binascii.Error:  # pragma: no cover - all of its causes are looked for above
        return None


def from_json(written: str) -> Any:
    """What a text in JSON says: after a mark of byte order, and where JSON was written as a string of JSON once more.

    `ValueError` or `RecursionError` where it is no JSON. RFC 8259, section 8.1, lets a reader pass over a mark.
    """
    found = loads(written.lstrip(_MARK))
    for _ in range(_WRITTEN_TWICE):
        if not isinstance(found, str) or not found.lstrip(f"{_MARK} \t\r\n").startswith(("{", "[", '"')):
            break
        try:
            found = loads(found.lstrip(_MARK))
        except ValueError:
            break  # a sentence that begins with a bracket
    return found


def loads(written: str) -> Any:
    """What a text in JSON says, in characters that can be written down.

    JSON can carry half a surrogate pair (RFC 8259, section 8.2), which can be neither stored nor sent on.
    """
    found = json.loads(written)
    return _whole(found) if _HALF.search(written) else found


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {well_formed(name): _whole(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_whole(part) for part in value]
    return well_formed(value) if isinstance(value, str) else value


def is_shallow(value: Any, left: int = DEEPEST) -> bool:
    """Whether it is nested no deeper than what walks through it can go."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left > 0 and all(is_shallow(part, left - 1) for part in parts)


def as_sent(text: str) -> bytes:
    """A text's bytes; half a surrogate pair, which JSON can carry and UTF-8 cannot, has some as well."""
    return text.encode("utf-8", "surrogatepass")


def well_formed(text: str) -> str:
    """The same without half surrogate pairs, which nobody can print."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _readings(raw: bytes) -> Iterator[tuple[str, str]]:
    """Every way to read these bytes, the surest first."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark) and (text := _strictly(raw.removeprefix(mark), encoding)) is not None:
            yield text, encoding
    for encoding in _unmarked(raw):
        if (text := _strictly(raw, encoding)) is not None:
            yield text, encoding


def _unmarked(raw: bytes) -> Iterator[str]:
    """Encodings that bytes without a mark may be in.

    ASCII in UTF-16 is valid UTF-8 with a zero in every other place, so the zeros decide before UTF-8 is tried. Windows
    PowerShell takes a file without a mark for the code page of Windows, which is tried last.
    """
    units = len(raw) // 2
    if len(raw) % 2 == 0 and units:
        high_last, high_first = raw[1::2].count(0) / units, raw[::2].count(0) / units
        if max(high_last, high_first) >= _LATIN:
            yield "utf-16-le" if high_last >= high_first else "utf-16-be"
    yield "utf-8"
    if raw and sum(byte < 0x80 for byte in raw) / len(raw) >= _ASCII_OF_ANSI:
        yield _ANSI


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None
