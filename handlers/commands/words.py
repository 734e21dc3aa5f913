"""Split a line of chat into words: at blanks, and by quotes of any language."""

# ruff: noqa: RUF001  quotes and dashes of many languages are what this module reads
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

CLOSING = {'"': '"', "'": "'", "“": "”", "„": "“”", "”": "”", "‘": "’", "‚": "‘’", "«": "»"}
"""The marks that close a quote, by the mark that opens it."""

DASHES = re.compile(r"^(?:--|—|–|―)(?=\w)")
"""Start of an option. Phones turn two hyphens into a dash."""

_APP = re.compile(r"@?countersign\b[:,]?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was typed, without its quotes; a `quoted` one is never an option."""

    text: str
    quoted: bool = False


def cleaned(text: str) -> str:
    """Return one line with its characters composed and single blanks, without the app's name and the slash."""
    composed = unicodedata.normalize("NFC", html.unescape(text).replace("\u200b", " ").replace("\ufeff", " "))
    line = " ".join(composed.split())
    while found := _APP.match(line):
        line = line[found.end() :]
    return line.removeprefix("/").lstrip()


def as_one(text: str) -> str:
    """Return a name as it is read within a line: without quotes, its characters composed."""
    return " ".join(word.text for word in words_in(cleaned(text)))


def words_in(text: str) -> Iterator[Word]:
    """Yield words separated by blanks; a quoted one goes on to its end. A quote that is never closed takes the rest."""
    place = 0
    while place < len(text):
        if text[place] == " ":
            place += 1
            continue
        closing = CLOSING.get(text[place])
        if closing is not None and (end := _end_of_quote(text, place + 1, closing)) is not None:
            yield Word(text[place + 1 : end].strip(), quoted=True)
            place = end + 1
            continue
        end = _end_of_word(text, place)
        yield Word(text[place:end])
        place = end


def _end_of_quote(text: str, start: int, closing: str) -> int | None:
    """Return where it is closed, before a blank or the end; the end of the text if never, `None` for an apostrophe."""
    ends = [
        place
        for place in range(start, len(text))
        if text[place] in closing and (place + 1 == len(text) or text[place + 1] == " ")
    ]
    if ends:
        return ends[0]
    return None if closing[0] in "'’" else len(text)


def _end_of_word(text: str, start: int) -> int:
    """Return the next blank, but not one inside the quotes of `--reason="…"`."""
    option = re.compile(r"(?:--|—|–|―)[\w-]+=").match(text, start)
    if option and option.end() < len(text) and text[option.end()] in CLOSING:
        end = _end_of_quote(text, option.end() + 1, CLOSING[text[option.end()]])
        if end is not None:
            return end + 1
    blank = text.find(" ", start)
    return len(text) if blank < 0 else blank
