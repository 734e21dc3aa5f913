"""What is about to be done at the second door, shown once more before it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deed:
    """What is about to be done, as it is shown once more, and where they prove who they are for this one thing."""

    title: str
    stakes: str
    facts: tuple[tuple[str, str], ...]
    onward: str
