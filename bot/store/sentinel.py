"""Finding the primary behind Sentinels, and leaving one that is none any more."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from redis.asyncio import Redis, Sentinel
from redis.asyncio.sentinel import MasterNotFoundError, SentinelManagedConnection
from redis.exceptions import RedisError

from bot.store.tls import SecureConnection
from bot.store.troubles import said

Named = tuple[str, int]
"""Host and port of a primary."""


class Sentinels(Sentinel):
    """All sentinels of one service, asked at once."""

    async def discover_master(self, service_name: str) -> Named:
        """Return the primary that most sentinels name, else the one of the latest failover.

        redis-py believes the first sentinel that answers; one that was cut off together with an old primary names
        that one for ever. `config-epoch` grows with every failover
        (https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#configuration-propagation).
        """
        epochs, troubles = dict[Named, list[int]](), list[str]()
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

    async def _told_by(self, sentinel: Redis, service_name: str, troubles: list[str]) -> list[tuple[Named, int]]:
        """Return the primary that one sentinel names with the number of its failover, or nothing and note why."""
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
    """Mixed into redis-py's connections behind Sentinels, which connect again to where they were if one breaks.

    Every try asks who is the primary, once: its repetitions are the command's, which asks again each time.
    """

    async def connect(self) -> None:
        """Connect to whom the sentinels name now."""
        await self._connect_retry()  # type: ignore[attr-defined]  # the connection's

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        """Send; connect first where that is needed."""
        await self.connect()
        await super().send_packed_command(command, check_health)  # type: ignore[misc]  # the connection's


class FollowingConnection(_Following, SentinelManagedConnection):
    """A connection to the primary of the moment."""


class FollowingSecureConnection(_Following, SentinelManagedConnection, SecureConnection):
    """The same under TLS."""
