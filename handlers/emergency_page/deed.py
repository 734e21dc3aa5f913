"""The confirmation step on the emergency page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deed:
    """The operation to confirm, as it is shown once more, and the address where they prove who they are for it."""

    title: str
    stakes: str
    facts: tuple[tuple[str, str], ...]
    onward: str
