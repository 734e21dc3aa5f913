"""Reading a card: its parts, texts and buttons, and the checks that every card has to pass."""

import importlib.resources
import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft6Validator
from markdown_it import MarkdownIt

from cards.actions import Button

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])

_TEXT_ALONE = {"paragraph_open", "paragraph_close", "inline", "text"}


_SCHEMA_FILE = importlib.resources.files("adaptive_cards") / "schemas" / "schema-1.5.json"
SCHEMA = Draft6Validator(json.loads(_SCHEMA_FILE.read_text(encoding="utf-8")))


def every(node: Any, kind: str) -> Iterator[dict[str, Any]]:
    """Yield all parts of the card whose type begins with `kind`, from top to bottom."""
    if isinstance(node, dict):
        if str(node.get("type", "")).startswith(kind):
            yield node
        for value in node.values():
            yield from every(value, kind)
    elif isinstance(node, list):
        for value in node:
            yield from every(value, kind)


def texts(card: dict[str, Any]) -> list[str]:
    """Return every text block as it is in the JSON, in Markdown."""
    return [str(block["text"]) for block in every(card["body"], "TextBlock")]


def text(card: dict[str, Any]) -> str:
    """Return all text that a person reads, one block a line, without the backslashes that escape Markdown."""
    blocks = [*texts(card), *[run["text"] for run in every(card["body"], "TextRun")]]
    return "\n".join(blocks).replace("\\", "")


def verbs(card: dict[str, Any]) -> list[str]:
    """Return the verbs of the buttons, in their order."""
    return [action["verb"] for action in every(card["actions"], "Action.Execute")]


def links(card: dict[str, Any]) -> dict[str, str]:
    """Return the addresses of the link buttons, by their titles."""
    return {action["title"]: action["url"] for action in every(card["actions"], "Action.OpenUrl")}


def weight(card: dict[str, Any]) -> int:
    """Return the size of the card in bytes, as UTF-16."""
    return len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le"))


def markup_in(markdown: str) -> set[str]:
    """Return the kinds of markup that CommonMark finds in the text."""
    tokens = MARKDOWN.parse(markdown)
    inline = [child for token in tokens for child in token.children or ()]
    return {token.type for token in [*tokens, *inline]} - _TEXT_ALONE


def defects(card: dict[str, Any]) -> list[str]:
    """Return the errors that the official schema 1.5 finds in the card. The check takes a fifth of a second."""
    return [error.message for error in SCHEMA.iter_errors(card)]


def check(card: dict[str, Any]) -> None:
    """Check the card's size, the data of its buttons, and that its inputs can be used by everybody."""
    assert card["version"] == "1.5"
    assert card["fallbackText"]
    assert weight(card) < 20_000
    for action in every(card, "Action.Execute"):
        assert set(action["data"]) == {"request", "fingerprint"}
        assert Button.read(action["verb"], action["data"]) is not None
    for field in every(card, "Input."):
        assert field["id"]
        assert field["label"]
        assert not field.get("isRequired") or field["errorMessage"]
    for box in every(card, "Container"):
        assert box.get("items"), "an empty box is drawn as a line with nothing below it"
    for block in every(card, "TextBlock"):
        assert block["wrap"]
