"""How tests let a neighbour fail."""

from handlers.ports.errors import PortError, Unavailable


class Troubles:
    """What goes wrong, by the name of the method.

    What is in `refuses` does nothing and raises that. What is in `loses` is done, and then its answer is lost, which is
    `Unavailable`. Both last until a test takes them out.
    """

    def __init__(self) -> None:
        self.refuses: dict[str, PortError] = {}
        self.loses: set[str] = set()

    def begin(self, method: str) -> None:
        """Before anything is done."""
        if method in self.refuses:
            raise self.refuses[method]

    def end(self, method: str) -> None:
        """After it is done."""
        if method in self.loses:
            raise Unavailable("the answer was lost")
