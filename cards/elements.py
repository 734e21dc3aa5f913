"""The building blocks of our cards: the `adaptivecards` package, made strict and brought to version 1.5.

The package ends at version 1.2 and has no types, no actions and no inputs, and it swallows misspelt properties. This is
the one module that touches it. What a property may hold is checked by the package (its type) and by the tests (the
official schema); that it exists is checked here.
"""
# The package carries no types, so its classes are opaque to the type checker.
# mypy: disallow-subclassing-any=False

from typing import Any, ClassVar

from adaptivecards import adaptivecard, containers, elements  # type: ignore[import-untyped]
from adaptivecards.baseobject import BareObject, PropertyType  # type: ignore[import-untyped]

VERSION = "1.5"
"""The newest version that Teams draws."""


class Part(BareObject):
    """Something in a card. A property that it does not have is a `TypeError`."""

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
    """Text in Markdown; `style` "heading" tells screen readers where a part begins."""

    style = PropertyType(type=str)


class RichTextBlock(Part, elements.RichTextBlock):
    """Text without Markdown, in runs."""


class TextRun(Part, elements.TextRun):
    """A piece of text in one look, shown letter by letter."""


class Container(Part, containers.Container):
    """Elements below each other, on a background that its style names."""


class ColumnSet(Part, containers.ColumnSet):
    """Columns beside each other."""


class ActionSet(Part, containers.ActionSet):
    """A row of buttons within a card, each `ActionExecute`."""


class Column(Part, containers.Column):
    """One of them; its width is a number of pixels ("96px") or "stretch"."""


class _Typed(Part):
    element_type = ""

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.set_data("type", self.element_type)


class InputText(_Typed):
    """A field to write in. Teams shows `error_message` where a required one is empty."""

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
    """A button that asks the bot. `associated_inputs` "none" lets it work while a required field is empty."""

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
    """Whose client asks for their own view by itself."""

    action = PropertyType(type=ActionExecute)
    user_ids = PropertyType(type=list, key_name="userIds")


class Card(Part, adaptivecard.AdaptiveCard):
    """A whole card."""

    refresh = PropertyType(type=Refresh)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.set_data("version", VERSION)

    def to_dict(self) -> dict[str, Any]:
        """The card as plain JSON values."""
        card: dict[str, Any] = _unfold(self)
        return card


def _unfold(node: Any) -> Any:
    if isinstance(node, BareObject):
        return {name: _unfold(value) for name, value in node.render().items()}
    return [_unfold(item) for item in node] if isinstance(node, list) else node
