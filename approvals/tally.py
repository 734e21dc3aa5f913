"""How far an approval has come, in numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """How many seats are filled, how many there are, and which group's own seat is still empty.

    `operation` names the workflow whose seats these are; empty where those of several are counted together.
    """

    have: int
    need: int
    open_groups: tuple[str, ...] = ()
    operation: str = ""

    @property
    def reached(self) -> bool:
        """Whether every seat is filled."""
        return self.have >= self.need
