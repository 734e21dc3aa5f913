"""The count of an approval."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of filled seats and of all seats, and the groups whose own seat is empty.

    `operation` names the workflow of these seats; empty if those of several are counted together.
    """

    have: int
    need: int
    open_groups: tuple[str, ...] = ()
    operation: str = ""

    @property
    def reached(self) -> bool:
        """Return whether every seat is filled."""
        return self.have >= self.need
