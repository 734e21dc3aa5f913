"""The card elements that we use: the `adaptivecards` package, made strict, and extended by what it lacks.

The package has no actions, no inputs and no refresh, stays at version 1.2, and drops a keyword it does not know without
a word. It is untyped and touched in this module only.
"""

from typing import Any

from adaptivecards.adaptivecard import AdaptiveCard  # type: ignore[import-untyped]
from adaptivecards.baseobject import BareObject, Element, PropertyType  # type: ignore[import-untyped]
from adaptivecards.containers import ActionSet as _ActionSet  # type: ignore[import-untyped]
from adaptivecards.containers import Column as _Column
from adaptivecards.containers import ColumnSet as _ColumnSet
from adaptivecards.containers import Container as _Container
from adaptivecards.containers import Fact as _Fact
from adaptivecards.containers import FactSet as _FactSet
from adaptivecards.elements import TextBlock as _TextBlock  # type: ignore[import-untyped]

VERSION = "1.5"
"""The newest that Teams draws."""

SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


class _Strict:
    """Raises on a keyword that would vanish, instead of dropping it."""

    def __init__(self, **properties: Any) -> None:
        known = {name for kind in type(self).__mro__ for name, value in vars(kind).items() if _is_property(value)}
        if unknown := set(properties) - known:
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        super().__init__(**properties)


def _is_property(value: object) -> bool:
    return isinstance(value, PropertyType)


class TextBlock(_Strict, _TextBlock):  # type: ignore[misc]
    """Text in Markdown, with DATE() and TIME() in the reader's own zone."""


class Container(_Strict, _Container):  # type: ignore[misc]
    """A group of elements with a background of its own."""


class ColumnSet(_Strict, _ColumnSet):  # type: ignore[misc]
    """Elements side by side."""


class Column(_Strict, _Column):  # type: ignore[misc]
    """One of several columns."""


class FactSet(_Strict, _FactSet):  # type: ignore[misc]
    """Labels and values."""


class Fact(_Strict, _Fact):  # type: ignore[misc]
    """One label with its value."""


class ActionSet(_Strict, _ActionSet):  # type: ignore[misc]
    """Buttons inside the body."""


class Execute(_Strict, Element):  # type: ignore[misc]
    """A button that asks the bot: Universal Action, answered with a card."""

    element_type = "Action.Execute"
    title = PropertyType(type=str)
    verb = PropertyType(type=str)
    data = PropertyType(type=dict)
    style = PropertyType(type=str)
    associated_inputs = PropertyType(type=str, key_name="associatedInputs")
    tooltip = PropertyType(type=str)


class OpenUrl(_Strict, Element):  # type: ignore[misc]
    """A button that opens a page."""

    element_type = "Action.OpenUrl"
    title = PropertyType(type=str)
    url = PropertyType(type=str)
    style = PropertyType(type=str)


class InputText(_Strict, Element):  # type: ignore[misc]
    """Something to type."""

    element_type = "Input.Text"
    label = PropertyType(type=str)
    placeholder = PropertyType(type=str)
    value = PropertyType(type=str)
    multiline = PropertyType(type=bool, key_name="isMultiline")
    max_length = PropertyType(type=int, key_name="maxLength")
    required = PropertyType(type=bool, key_name="isRequired")
    error_message = PropertyType(type=str, key_name="errorMessage")


class Refresh(_Strict, BareObject):  # type: ignore[misc]
    """Which people get a view of their own, and how Teams asks for it."""

    action = PropertyType(type=Execute)
    user_ids = PropertyType(type=list, key_name="userIds")


class Card(AdaptiveCard):  # type: ignore[misc]
    """A whole card."""

    refresh = PropertyType(type=Refresh)

    def __init__(self, body: list[Any], actions: list[Any], summary: str) -> None:
        super().__init__()
        self.set_data("version", VERSION)
        self.set_data("$schema", SCHEMA)
        self.set_data("msteams", {"width": "Full"})
        self.body = body
        self.fallback_text = summary
        if actions:
            self.actions = actions


def to_dict(element: Any) -> Any:
    """A card, or any part of it, as plain JSON values."""
    if isinstance(element, BareObject):
        return {key: to_dict(value) for key, value in element.render().items()}
    if isinstance(element, list):
        return [to_dict(value) for value in element]
    return element
