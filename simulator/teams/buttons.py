"""Finds buttons and inputs in a card, at any depth."""

from collections.abc import Iterator
from typing import Any


def actions(card: Any) -> Iterator[dict[str, Any]]:
    """Yield every action of a card, including nested ones, without the refresh action."""
    if isinstance(card, dict):
        if str(card.get("type", "")).startswith("Action."):
            yield card
        for name, value in card.items():
            if name != "refresh":
                yield from actions(value)
    elif isinstance(card, list):
        for value in card:
            yield from actions(value)


def inputs(card: Any) -> Iterator[dict[str, Any]]:
    """Yield every input of a card."""
    if isinstance(card, dict):
        if str(card.get("type", "")).startswith("Input."):
            yield card
        for value in card.values():
            yield from inputs(value)
    elif isinstance(card, list):
        for value in card:
            yield from inputs(value)


def titles(card: dict[str, Any] | None) -> list[str]:
    """Return the titles of all buttons."""
    return [str(action.get("title")) for action in actions(card or {})]


def button(card: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Return the button with that title or verb, if any."""
    return next((action for action in actions(card) if name in (action.get("title"), action.get("verb"))), None)


def filled(card: dict[str, Any], action: dict[str, Any], typed: dict[str, str], *, force: bool) -> dict[str, Any]:
    """Return the action as Teams sends it, with its inputs; raises `ValueError` for an empty required input."""
    if action.get("associatedInputs") == "none":
        return action
    data = dict(action.get("data") or {})
    for one in inputs(card):
        value = typed.get(one["id"], one.get("value", ""))
        if one.get("isRequired") and not value and not force:
            raise ValueError(one.get("errorMessage", "required"))
        data[one["id"]] = value
    return action | {"data": data}
