"""Text that Intune stores encoded, read leniently; its hash always covers what was sent, not what we decoded.

Base64 arrives with line breaks (RFC 2045, section 6.8; `Convert.ToBase64String` with `InsertLineBreaks`), without
padding and in the alphabet for URLs (RFC 4648, sections 3.2 and 5; OpenAPI's description of Graph says "base64url" of
its binary values: api-evangelist/microsoft-graph, json-schema, omaSettingStringXml). Files come in the encodings that
PowerShell writes and reads: UTF-8 with or without a byte order mark, UTF-16 in either order, and the Windows code page
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
"""Line breaks in wrapped text. Spaces within a line do not count: a text with them is not encoded."""

_ALPHABET = re.compile(r"[A-Za-z0-9+/]*")
_FOR_URLS = str.maketrans("-_", "+/")

_MARKS = (
    # Longer marks first: a mark of UTF-32 begins with one of UTF-16.
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
"""Minimum share of UTF-16 units that are Latin letters, signs or line ends, whose other byte is 0."""

_ANSI = "cp1252"
_ASCII_OF_ANSI = 0.7
"""Minimum share of ASCII bytes in a script in the Windows code page: keywords are ASCII, a picture's bytes are not."""

_WRITTEN_TWICE = 3
"""Layers of JSON in a JSON string that are read; more are not expected."""


DEEPEST = 64
"""Levels of objects and lists; Intune's own go down to about ten."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A stored text.

    `sha256` covers the bytes of the file, as `Get-FileHash` does, if they could be decoded, else the text as it was
    sent. If it is not text, `text` and `encoding` are empty.
    """

    text: str
    sha256: str
    encoding: str

    @property
    def is_readable(self) -> bool:
        """Return whether the content could be decoded, so that `text` is what will run."""
        return bool(self.encoding)

    @property
    def lines(self) -> int:
        """The number of lines of the text; 0 if it cannot be read."""
        return len(self.text.splitlines())


def decode(stored: str) -> Decoded:
    """Decode a text that is stored in base64. Never raises: what is not base64, or not text, is unreadable and has
    its hash."""
    raw = from_base64(stored)
    if raw is None:
        return Decoded("", hashlib.sha256(as_sent(stored)).hexdigest(), "")
    return decode_bytes(raw)


def decode_or_plain(stored: str) -> Decoded:
    """Decode a text that may be stored in base64 or as it is. It stays as it is unless it decodes to text."""
    raw = from_base64(stored)
    found = decode_bytes(raw) if raw else None
    if found is not None and found.is_readable:
        return found
    return Decoded(well_formed(stored), hashlib.sha256(as_sent(stored)).hexdigest(), "plain")


def decode_bytes(raw: bytes) -> Decoded:
    """Return the text of a file, and the hash of its bytes."""
    sha256 = hashlib.sha256(raw).hexdigest()
    for text, encoding in _readings(raw):
        if "\0" not in text:
            return Decoded(text, sha256, encoding)
    return Decoded("", sha256, "")


def from_base64(stored: str) -> bytes | None:
    """Return the bytes of a text in base64, however it is wrapped and padded; `None` if it is not base64."""
    written = _WRAPPED.sub("", stored.strip(f" \t\r\n{_MARK}")).translate(_FOR_URLS)
    unpadded = written.rstrip("=")
    if len(written) - len(unpadded) > 2 or len(unpadded) % 4 == 1 or not _ALPHABET.fullmatch(unpadded):
        return None
    try:
        return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except binascii.Error:  # pragma: no cover - all of its causes are checked above
        return None


def from_json(written: str) -> Any:
    """Parse a JSON text. If it is a JSON string that contains JSON, that is parsed as well.

    Raises `ValueError` or `RecursionError` if the text is not JSON. A byte order mark in front is ignored, as RFC 8259,
    section 8.1, allows.
    """
    found = loads(written.lstrip(_MARK))
    for _ in range(_WRITTEN_TWICE):
        if not isinstance(found, str) or not found.lstrip(f"{_MARK} \t\r\n").startswith(("{", "[", '"')):
            break
        try:
            found = loads(found.lstrip(_MARK))
        except ValueError:
            break  # plain text that begins with a bracket
    return found


def loads(written: str) -> Any:
    """Parse a JSON text, and replace characters that cannot be encoded.

    JSON can contain half a surrogate pair (RFC 8259, section 8.2), which can be neither stored nor sent on.
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
    """Return whether it is nested no deeper than recursive code can process."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left > 0 and all(is_shallow(part, left - 1) for part in parts)


def as_sent(text: str) -> bytes:
    """Return a text's bytes, also for half a surrogate pair, which JSON can contain and UTF-8 cannot."""
    return text.encode("utf-8", "surrogatepass")


def well_formed(text: str) -> str:
    """Return the text with half surrogate pairs replaced, because they cannot be printed."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _readings(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield every way to read these bytes, the most certain first."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark) and (text := _strictly(raw.removeprefix(mark), encoding)) is not None:
            yield text, encoding
    for encoding in _unmarked(raw):
        if (text := _strictly(raw, encoding)) is not None:
            yield text, encoding


def _unmarked(raw: bytes) -> Iterator[str]:
    """Yield the encodings that bytes without a byte order mark may have.

    ASCII in UTF-16 is valid UTF-8 with every other byte zero, so the zeros are counted before UTF-8 is tried. Windows
    PowerShell reads a file without a mark in the Windows code page, which is tried last.
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
