"""Failures of neighbours that tests cause, and events that happen during a call."""

from collections.abc import Awaitable, Callable

from handlers.ports.errors import PortError, Unavailable


class Troubles:
    """The troubles that a test causes, by the name of the method.

    A method in `refuses` does nothing and raises this error. A method in `loses` does its work, and then raises
    `Unavailable`, as if its answer were lost. Both last until a test removes them. A function in `meanwhile` runs once,
    before the method does anything. With it, a test can let another person act first.
    """

    def __init__(self) -> None:
        self.refuses: dict[str, PortError] = {}
        self.loses: set[str] = set()
        self.meanwhile: dict[str, Callable[[], Awaitable[object]]] = {}

    async def begin(self, method: str) -> None:
        """Cause the troubles that come before the method does anything."""
        happens = self.meanwhile.pop(method, None)
        if happens is not None:
            await happens()
        if method in self.refuses:
            raise self.refuses[method]

    def end(self, method: str) -> None:
        """Cause the troubles that come after the method has done its work."""
        if method in self.loses:
            raise Unavailable("the answer was lost")
