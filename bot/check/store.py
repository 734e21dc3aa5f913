"""Checks the store."""

from collections.abc import AsyncIterator

from bot.check.finding import CheckResult, Mark
from bot.config.environment import Settings
from bot.config.redis_address import RedisAddress, Topology
from bot.store.embedded import NoServer, find_server
from bot.store.fitness import Unfit, doubts_about
from bot.store.redis import open_connections
from handlers.ports.errors import PortError


async def redis_findings(settings: Settings) -> AsyncIterator[CheckResult]:
    """Report whether there is a server, whether it keeps what is written, and what a failover may lose."""
    if settings.redis_url is None:
        yield _own_server(settings)
        return
    connections = open_connections(settings.redis_url.get_secret_value(), 0)
    try:
        try:
            doubts = await doubts_about(connections)
        finally:
            await connections.close()
    except Unfit as error:
        yield CheckResult(Mark.WRONG, "Redis may lose approvals", str(error))
    except PortError as error:
        yield CheckResult(Mark.WRONG, f"Redis: {error}", _advice(connections.address))
    else:
        for doubt in doubts:
            yield CheckResult(Mark.DOUBTFUL, doubt.what, doubt.advice)
        if not doubts:
            yield CheckResult(Mark.GOOD, "Redis answers and keeps what is written")


def _advice(address: RedisAddress) -> str:
    checked = "Check COUNTERSIGN_REDIS_URL, the network and the password"
    if address.topology is not Topology.SENTINEL:
        return f"{checked}."
    return f"{checked}. Sentinels do not know the users of the servers: set sentinel_username and sentinel_password."


def _own_server(settings: Settings) -> CheckResult:
    try:
        server = find_server()
    except NoServer as error:
        return CheckResult(Mark.WRONG, "There is no Redis server to start", str(error))
    return CheckResult(
        Mark.GOOD, f"The bot starts its own Redis ({server.name}, data in {settings.state_dir}), for one replica"
    )
