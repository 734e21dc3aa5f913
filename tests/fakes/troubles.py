"""How tests let a neighbour fail, or something happen while it is asked."""

from collections.abc import Awaitable, Callable

from handlers.ports.errors import PortError, Unavailable


class Troubles:
    """What goes wrong, by the name of the method.

    What is in `refuses` does nothing and raises that. What is in `loses` is done, and then its answer is lost, which is
    `Unavailable`. Both last until a test takes them out. What is in `meanwhile` happens once, before the method does
    anything: so somebody else is faster.
    """

    def __init__(self) -> None:
        self.refuses: dict[str, PortError] = {}
        self.loses: set[str] = set()
        self.meanwhile: dict[str, Callable[[], Awaitable[object]]] = {}

    async def begin(self, method: str) -> None:
        """Before anything is done."""
        happens = self.meanwhile.pop(method, None)
        if happens is not None:
            await happens()
        if method in self.refuses:
            raise self.refuses[method]

    def end(self, method: str) -> None:
        """After it is done."""
        if method in self.loses:
            raise Unavailable("the answer was lost")
