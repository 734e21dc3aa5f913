"""A process that dies while a neighbour is asked."""


class KilledError(Exception):
    """The process is gone: it can store nothing any more."""


async def dies() -> None:
    """In the middle of a call."""
    raise KilledError
