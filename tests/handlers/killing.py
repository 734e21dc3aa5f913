"""A process that dies while it calls a neighbour."""


class KilledError(Exception):
    """The process has died and can store nothing more."""


async def dies() -> None:
    """Die in the middle of a call."""
    raise KilledError
