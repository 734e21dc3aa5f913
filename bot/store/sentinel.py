"""Finds the primary behind Sentinels, and reconnects when it changes."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from redis.asyncio import Redis, Sentinel
from redis.asyncio.sentinel import MasterNotFoundError, SentinelManagedConnection
from redis.exceptions import RedisError

from bot.store.tls import SecureConnection
from bot.store.troubles import said

HostPort = tuple[str, int]
"""Host and port of a primary."""


class Sentinels(Sentinel):
    """All sentinels of one service, asked at the same time."""

    async def discover_master(self, service_name: str) -> HostPort:
        """Return the primary that most sentinels report, or else that of the latest failover.

        redis-py uses the first answer. A sentinel that was cut off together with an old primary keeps reporting that
        one. `config-epoch` grows with every failover
        (https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#configuration-propagation).
        """
        epochs, troubles = dict[HostPort, list[int]](), list[str]()
        asked = [asyncio.create_task(self._told_by(one, service_name, troubles)) for one in self.sentinels]
        try:
            for answer in asyncio.as_completed(asked):
                for address, epoch in await answer:
                    epochs.setdefault(address, []).append(epoch)
                    if 2 * len(epochs[address]) > len(asked):
                        return address
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        if not epochs:
            raise MasterNotFoundError(f"no sentinel names a primary of {service_name!r} ({'; '.join(troubles)})")
        return max(epochs, key=lambda address: max(epochs[address]))

    async def _told_by(self, sentinel: Redis, service_name: str, troubles: list[str]) -> list[tuple[HostPort, int]]:
        """Return the primary that one sentinel reports with its failover's number; or nothing, and add the reason to
        `troubles`."""
        try:
            masters = cast("Mapping[str, dict[str, Any]]", await sentinel.sentinel_masters())
        except (RedisError, OSError) as error:
            troubles.append(said(error))
            return []
        state = masters.get(service_name)
        if state is None or not self.check_master_state(state, service_name):
            troubles.append("one knows of none that is up")
            return []
        return [((state["ip"], state["port"]), state["config-epoch"])]


class _Following:
    """Mixin for redis-py's connections behind Sentinels, which reconnect to the same server after an error.

    A connection attempt asks for the primary once. It is not retried by itself: the command is, and each retry asks
    again.
    """

    async def connect(self) -> None:
        """Connect to the primary that the sentinels report now."""
        await self._connect_retry()  # type: ignore[attr-defined]  # the connection's

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        """Send a command; connect first if needed."""
        await self.connect()
        await super().send_packed_command(command, check_health)  # type: ignore[misc]  # the connection's


class FollowingConnection(_Following, SentinelManagedConnection):
    """A connection to the current primary."""


class FollowingSecureConnection(_Following, SentinelManagedConnection, SecureConnection):
    """A connection to the current primary, with TLS."""
