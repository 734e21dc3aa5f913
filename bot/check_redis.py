"""What `check` finds about the store."""

from collections.abc import AsyncIterator

from bot.finding import Finding, Mark
from bot.settings import Settings
from bot.store.embedded import NoServer, find_server
from bot.store.fitness import Unfit, doubts_about
from bot.store.redis import open_door
from handlers.ports.errors import PortError


async def redis_findings(settings: Settings) -> AsyncIterator[Finding]:
    """Whether there is a server, whether it keeps what it is given, and what a failover of it may lose."""
    if settings.redis_url is None:
        yield _own_server(settings)
        return
    try:
        door = open_door(settings.redis_url.get_secret_value(), 0)
        try:
            doubts = await doubts_about(door)
        finally:
            await door.close()
    except ValueError as error:
        yield Finding(Mark.WRONG, "COUNTERSIGN_REDIS_URL is no address", str(error))
    except Unfit as error:
        yield Finding(Mark.WRONG, "Redis may lose approvals", str(error))
    except PortError as error:
        yield Finding(Mark.WRONG, f"Redis: {error}", "Check COUNTERSIGN_REDIS_URL, the network and the password.")
    else:
        for doubt in doubts:
            yield Finding(Mark.DOUBTFUL, doubt.what, doubt.advice)
        if not doubts:
            yield Finding(Mark.GOOD, "Redis answers and keeps what it is given")


def _own_server(settings: Settings) -> Finding:
    try:
        server = find_server()
    except NoServer as error:
        return Finding(Mark.WRONG, "No Redis", str(error))
    return Finding(Mark.GOOD, f"Own server {server.name} on {settings.state_dir}: for one replica")
