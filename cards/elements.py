"""The building blocks of our cards: the `adaptivecards` package, made strict and extended to version 1.5.

The package ends at version 1.2, has no types, actions or inputs, and ignores misspelt properties. Only this module uses
it. The package checks the type of a property, the tests check its value (against the official schema), and this module
checks that it exists.
"""
# The package has no types, so the type checker cannot see into its classes.
# mypy: disallow-subclassing-any=False

from typing import Any, ClassVar

from adaptivecards import adaptivecard, containers, elements  # type: ignore[import-untyped]
from adaptivecards.baseobject import BareObject, PropertyType  # type: ignore[import-untyped]

VERSION = "1.5"
"""The newest version that Teams renders."""


class Part(BareObject):
    """An element of a card. An unknown property is a `TypeError`."""

    _known: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._known = frozenset(
            name for base in cls.__mro__ for name, held in vars(base).items() if isinstance(held, PropertyType)
        )

    def __init__(self, **properties: object) -> None:
        super().__init__()
        for name, value in properties.items():
            if name not in self._known:
                raise TypeError(f"{type(self).__name__} has no property {name!r}")
            setattr(self, name, value)


class TextBlock(Part, elements.TextBlock):
    """Text in Markdown; `style` "heading" marks a heading for screen readers."""

    style = PropertyType(type=str)


class RichTextBlock(Part, elements.RichTextBlock):
    """Text without Markdown, in runs."""


class TextRun(Part, elements.TextRun):
    """A run of text in one style, shown literally."""


class Container(Part, containers.Container):
    """Elements below each other, on the background of its style."""


class ColumnSet(Part, containers.ColumnSet):
    """Columns beside each other."""


class ActionSet(Part, containers.ActionSet):
    """A row of buttons within a card, each an `ActionExecute`."""


class Column(Part, containers.Column):
    """One column; its width is a number of pixels ("96px") or "stretch"."""


class _Typed(Part):
    element_type = ""

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.set_data("type", self.element_type)


class InputText(_Typed):
    """A text field. Teams shows `error_message` if a required one is empty."""

    element_type = "Input.Text"
    id = PropertyType(type=str)
    label = PropertyType(type=str)
    placeholder = PropertyType(type=str)
    is_multiline = PropertyType(type=bool, key_name="isMultiline")
    is_required = PropertyType(type=bool, key_name="isRequired")
    error_message = PropertyType(type=str, key_name="errorMessage")
    max_length = PropertyType(type=int, key_name="maxLength")
    value = PropertyType(type=str)


class InputChoiceSet(_Typed):
    """A list to pick one from; each choice has a title and a value; "expanded" shows them all."""

    element_type = "Input.ChoiceSet"
    id = PropertyType(type=str)
    label = PropertyType(type=str)
    style = PropertyType(type=str)
    choices = PropertyType(type=list)
    is_required = PropertyType(type=bool, key_name="isRequired")
    error_message = PropertyType(type=str, key_name="errorMessage")


class ActionExecute(_Typed):
    """A button that calls the bot. With `associated_inputs` "none" it works while a required field is empty."""

    element_type = "Action.Execute"
    title = PropertyType(type=str)
    verb = PropertyType(type=str)
    data = PropertyType(type=dict)
    style = PropertyType(type=str)
    associated_inputs = PropertyType(type=str, key_name="associatedInputs")


class ActionOpenUrl(_Typed):
    """A button that opens a page."""

    element_type = "Action.OpenUrl"
    title = PropertyType(type=str)
    url = PropertyType(type=str)
    style = PropertyType(type=str)


class Refresh(Part):
    """The users whose clients request their own view automatically."""

    action = PropertyType(type=ActionExecute)
    user_ids = PropertyType(type=list, key_name="userIds")


class Card(Part, adaptivecard.AdaptiveCard):
    """A whole card."""

    refresh = PropertyType(type=Refresh)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.set_data("version", VERSION)

    def to_dict(self) -> dict[str, Any]:
        """Return the card as plain JSON values."""
        card: dict[str, Any] = _unfold(self)
        return card


def _unfold(node: Any) -> Any:
    if isinstance(node, BareObject):
        return {name: _unfold(value) for name, value in node.render().items()}
    return [_unfold(item) for item in node] if isinstance(node, list) else node
