"""Text that Intune stores encoded: every form that tools write is read, and no input raises an error."""

import base64
import codecs
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.graph import encoded, loose

SCRIPT = "# Räumt auf\r\nGet-ChildItem $env:TEMP | Remove-Item -Recurse\r\n"
UNICODE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
WRITTEN = st.text(st.sampled_from("Get-Item $x|äß€\r\n\t'\"{}()"), min_size=1)
"""Texts like real scripts: mostly Latin letters, and a few others."""


def written(raw: bytes, form: str) -> str:
    """Return these bytes in one of the forms of base64."""
    text = base64.b64encode(raw).decode()
    wrapped = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    return {
        "plain": text,
        "unpadded": text.rstrip("="),
        "for URLs": base64.urlsafe_b64encode(raw).decode(),
        "for URLs, unpadded": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "wrapped": wrapped,
        "wrapped, with an end": f"{wrapped}\n",
        "indented": f"\n    {text[:8]}\n    {text[8:]}\n",
        "marked": f"\ufeff{text}",
    }[form]


FORMS = [
    "plain",
    "unpadded",
    "for URLs",
    "for URLs, unpadded",
    "wrapped",
    "wrapped, with an end",
    "indented",
    "marked",
]


@pytest.mark.parametrize("form", FORMS)
@given(raw=st.binary())
def test_every_form_of_base64(form: str, raw: bytes) -> None:
    """Every form of base64 gives the same bytes and the hash of the file."""
    assert encoded.from_base64(written(raw, form)) == raw
    assert encoded.decode(written(raw, form)).sha256 == hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize("text", ["%%1", "A", "AAAAA", "AB===", "QUJD=QUJD", "Write-Host 'Hi'", "Get Item", "é"])
def test_what_is_no_base64(text: str) -> None:
    """A text that is no base64 is not decoded, and its hash is that of the text itself."""
    assert encoded.from_base64(text) is None
    assert encoded.decode(text) == encoded.Decoded("", hashlib.sha256(text.encode()).hexdigest(), "")


MARKED = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("encoding", MARKED)
@given(text=UNICODE)
def test_marked_files(encoding: str, text: str) -> None:
    """A byte order mark decides the encoding, is left out of the text, and is part of the hash."""
    raw = MARKED[encoding] + text.encode(encoding)
    found = encoded.decode_bytes(raw)
    assert found.text == text
    assert found.sha256 == hashlib.sha256(raw).hexdigest()


@given(text=UNICODE.filter(lambda text: not text.startswith("\ufeff")))
def test_utf_8_without_a_mark(text: str) -> None:
    """UTF-8 text without a byte order mark and without zero bytes is never read as UTF-16."""
    assert encoded.decode_bytes(text.encode()).text == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@given(text=WRITTEN)
def test_utf_16_without_a_mark(encoding: str, text: str) -> None:
    """UTF-16 without a byte order mark is recognised by the zero in every other byte."""
    found = encoded.decode_bytes(text.encode(encoding))
    if sum(ord(letter) < 0x100 for letter in text) >= len(text) / 4:
        assert (found.text, found.encoding) == (text, encoding)


def test_the_code_page_of_windows() -> None:
    """Other bytes without a byte order mark are read in the Windows code page, as Windows PowerShell does."""
    found = encoded.decode_bytes(SCRIPT.encode("cp1252"))
    assert (found.text, found.encoding, found.lines) == (SCRIPT, "cp1252", 2)


@pytest.mark.parametrize("raw", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xfe\xff", bytes(range(256)), b"a\0\0\0b"])
def test_what_is_no_text(raw: bytes) -> None:
    """Bytes that are no text are not readable, and have a hash."""
    found = encoded.decode_bytes(raw)
    assert (found.text, found.is_readable) == ("", False)
    assert found.sha256 == hashlib.sha256(raw).hexdigest()


def test_an_empty_file_is_read() -> None:
    """An empty file is readable: nothing will run."""
    assert encoded.decode("").is_readable


@given(text=st.text(st.characters()))
def test_nothing_raises(text: str) -> None:
    """Any text, also with half surrogate pairs, is handled without an error and has a hash."""
    for found in (encoded.decode(text), encoded.decode_or_plain(text)):
        assert len(found.sha256) == 64
        assert found.text.encode() is not None
    assert isinstance(loose.decoded(text), (str, dict, list, int, float, bool, type(None)))


@given(raw=st.binary())
def test_no_bytes_raise(raw: bytes) -> None:
    """Any bytes are handled without an error and have a hash."""
    assert len(encoded.decode_bytes(raw).sha256) == 64


def test_words_stay_words() -> None:
    """A value that may be plain text or base64 is decoded only if it is base64 of a text."""
    for words in ("Restart-Computer", "exit", "powershell.exe -File x.ps1", "{}"):
        assert encoded.decode_or_plain(words).text == words
    assert encoded.decode_or_plain(base64.b64encode(SCRIPT.encode()).decode()).text == SCRIPT


# --- JSON ---------------------------------------------------------------------------------------------------------

HELD = {"displayName": "Ünï", "settings": [{"value": "a"}]}


@pytest.mark.parametrize("times", [1, 2, 3])
def test_json_in_a_string_of_json(times: int) -> None:
    """JSON that was written into a JSON string several times is read, also with byte order marks."""
    text = json.dumps(HELD)
    for _ in range(times):
        text = json.dumps(f"\ufeff{text}")
    assert loose.decoded(text) == HELD
    assert loose.decoded(f"\ufeff{text}") == HELD


def test_secrets_in_doubly_encoded_json() -> None:
    """Secrets are hidden in JSON inside JSON, too."""
    assert loose.decoded(json.dumps(json.dumps({"preSharedKey": "k", "ssid": "x"}))) == {
        "preSharedKey": "(not shown)",
        "ssid": "x",
    }
    told = loose.decoded({"valueJson": json.dumps({"password": "k", "ssid": "x"}), "other": "[a] {b}"})
    assert told == {"valueJson": json.dumps({"password": "(not shown)", "ssid": "x"}), "other": "[a] {b}"}


@pytest.mark.parametrize("text", ["[draft] Baseline", '"quoted" words', "{not json", "plain", "", "\ufeff"])
def test_text_that_is_no_json_stays(text: str) -> None:
    """A text that is no JSON is kept as it is."""
    assert loose.decoded(text) == text
    assert loose.decoded(json.dumps(text)) == text


@pytest.mark.parametrize("written", ['"\\ud800"', '{"\\uDFFF": ["\\ud83d\\ude00\\ud83d"]}', '"\ud800"'])
def test_half_of_a_character(written: str) -> None:
    """Half of a surrogate pair is replaced, and whole characters are kept."""
    found = loose.decoded(written)
    assert found in ("\ufffd", {"\ufffd": ["\U0001f600\ufffd"]})


def test_json_deeper_than_anybody_nests() -> None:
    """JSON that is nested too deeply is kept as text, also inside a string."""
    deep = "[" * 5000 + "]" * 5000
    assert loose.decoded(deep) == deep
    assert loose.decoded(json.dumps(deep)) in (deep, json.dumps(deep))
