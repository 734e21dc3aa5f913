"""Finding buttons and inputs in a card, wherever they hide."""

from collections.abc import Iterator
from typing import Any


def actions(card: Any) -> Iterator[dict[str, Any]]:
    """Every action of a card, nested ones too, without the refresh action."""
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
    """Every input of a card."""
    if isinstance(card, dict):
        if str(card.get("type", "")).startswith("Input."):
            yield card
        for value in card.values():
            yield from inputs(value)
    elif isinstance(card, list):
        for value in card:
            yield from inputs(value)


def titles(card: dict[str, Any] | None) -> list[str]:
    """What can be pressed, by title."""
    return [str(action.get("title")) for action in actions(card or {})]


def button(card: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The button of that title or verb."""
    return next((action for action in actions(card) if name in (action.get("title"), action.get("verb"))), None)


def filled(card: dict[str, Any], action: dict[str, Any], typed: dict[str, str], *, force: bool) -> dict[str, Any]:
    """The action as Teams sends it: inputs merged into its data. `ValueError` for a required input left empty."""
    if action.get("associatedInputs") == "none":
        return action
    data = dict(action.get("data") or {})
    for one in inputs(card):
        value = typed.get(one["id"], one.get("value", ""))
        if one.get("isRequired") and not value and not force:
            raise ValueError(one.get("errorMessage", "required"))
        data[one["id"]] = value
    return action | {"data": data}
