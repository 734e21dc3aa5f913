"""The queue of effects, each leased to one replica at a time."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from approvals.effects import Effect, Planned, effect_id
from bot.store import keys as names
from bot.store.bell import Bell
from bot.store.clock import due_milliseconds, milliseconds
from bot.store.codec import Newer, read_effect, write_effect
from bot.store.keys import Keys
from bot.store.redis import Connections
from bot.store.scripts import FINISH, LEASE, PLAN
from handlers.ports.clock import Clock
from handlers.ports.outbox import Leased

MOST_EXCUSED = 300
"""With pauses of five minutes, an outage of a day loses no reminder, mail or alarm."""

log = structlog.get_logger(__name__)


class RedisOutbox:
    """The port `Outbox`. An effect that was begun `most_attempts` times without success becomes a dead letter."""

    def __init__(
        self,
        connections: Connections,
        keys: Keys,
        config_digest: str,
        clock: Clock,
        lease: timedelta,
        most_attempts: int,
        gave_token: Callable[[str], None] = lambda _token: None,
    ) -> None:
        self._gave_token = gave_token
        self._redis = connections.redis
        self._bell = Bell(connections.waiting, keys.of(names.BELL))
        self._keys = keys
        self._config_digest = config_digest
        self._clock = clock
        self._lease = lease
        self._most_attempts = most_attempts

    async def plan(self, planned: Sequence[Planned], at: datetime) -> None:
        """Plan effects that belong to no decision."""
        await self._plan([as_call(one, at) for one in planned])

    async def lease(self, limit: int) -> Sequence[Leased]:
        """Return at most `limit` effects that are due now, each leased to us.

        A replica whose configuration is no longer active gets none.
        """
        now = await self._clock.now()
        of = self._keys.of
        keys = [self._keys.new_answer(), of(names.DUE), of(names.FENCE), of(names.DEAD), of(names.CONFIG)]
        call = {
            "now": milliseconds(now),
            "at": now.isoformat(),
            "lease_until": milliseconds(now + self._lease),
            "limit": limit,
            "most_attempts": self._most_attempts,
            "effects": of(names.EFFECT, ""),
            "config": self._config_digest,
        }
        rows = await LEASE.run(self._redis, keys, call)
        for _, _, _, token in rows:
            self._gave_token(token)
        leased = [await self._read(*row) for row in rows]
        return [one for one in leased if one is not None]

    async def done(self, leased: Leased) -> bool:
        """Delete the effect; return false if the lease was lost or it was planned again meanwhile."""
        return await self._finish(leased.id, leased.token, {}) == "done"

    async def again(self, leased: Leased, at: datetime, why: str, *, excused: bool = False) -> bool:
        """Try the effect again at `at`; after the last attempt it becomes a dead letter. Return false if the lease was
        lost."""
        result = {"again_at": due_milliseconds(at), "why": why, "excused": excused}
        return await self._finish(leased.id, leased.token, result) != "lost"

    async def first_due(self) -> datetime | None:
        """Return when the first effect is due, or was due if nobody has leased it."""
        first = await self._redis.zrange(self._keys.of(names.DUE), 0, 0, withscores=True)
        return datetime.fromtimestamp(first[0][1] / 1000, UTC) if first else None

    async def dead_letters(self) -> Sequence[Mapping[str, str]]:
        """Return the dead letters: `id`, `why`, `since`. One is deleted when the same work succeeds later."""
        return [{name: letter[name] for name in ("id", "why", "since")} for letter in await self._letters()]

    async def given_up(self) -> Mapping[str, Effect]:
        """Return the effects of the dead letters, except those of older versions, which kept no body, or of newer
        ones."""
        found = dict[str, Effect]()
        for letter in await self._letters():
            with suppress(Newer, ValueError):
                found[letter["id"]] = read_effect(letter.get("body", ""))
        return found

    async def retry(self, ids: Collection[str], at: datetime) -> None:
        """Plan the work of these dead letters again. They stay dead letters until it is done."""
        due = due_milliseconds(at)
        letters = [letter for letter in await self._letters() if letter["id"] in ids and letter.get("body")]
        await self._plan([{"id": letter["id"], "due": due, "body": letter["body"]} for letter in letters])

    async def wait(self, timeout: float) -> None:
        """Wait until an effect may be due, for at most `timeout` seconds."""
        first = await self._redis.zrange(self._keys.of(names.DUE), 0, 0, withscores=True)
        if first:
            remaining = first[0][1] - milliseconds(await self._clock.now())
            timeout = min(timeout, max(remaining / 1000, 0.0))
        await self._bell.wait(timeout)

    async def close(self) -> None:
        """Stop listening to the bell."""
        await self._bell.close()

    async def _plan(self, calls: Sequence[Mapping[str, str | int]]) -> None:
        of = self._keys.of
        effects = [of(names.EFFECT, str(call["id"])) for call in calls]
        keys = [self._keys.new_answer(), of(names.DUE), of(names.FENCE), of(names.BELL), *effects]
        await PLAN.run(self._redis, keys, {"planned": calls})

    async def _letters(self) -> Sequence[Mapping[str, str]]:
        return [json.loads(text) for text in await self._redis.hvals(self._keys.of(names.DEAD))]

    async def _read(self, identity: str, body: str, attempt: int, token: str) -> Leased | None:
        """Return the leased effect. One that cannot be read waits for a replica that can, and becomes a dead letter in
        the end."""
        try:
            return Leased(identity, read_effect(body), attempt, token)
        except (Newer, ValueError) as error:
            log.error("effect_not_understood", effect=identity, error=str(error))
            later = await self._clock.now() + self._lease
            result = {"again_at": due_milliseconds(later), "why": f"not understood: {error}"}
            await self._finish(identity, token, result)
            return None

    async def _finish(self, identity: str, token: str, result: Mapping[str, Any]) -> str:
        of = self._keys.of
        keys = [
            self._keys.new_answer(),
            *(of(names.DUE), of(names.EFFECT, identity), of(names.DEAD), of(names.BELL), of(names.CONFIG)),
        ]
        call = {
            "id": identity,
            "token": token,
            "most_attempts": self._most_attempts,
            "most_excused": MOST_EXCUSED,
            "at": (await self._clock.now()).isoformat(),
            "config": self._config_digest,
            **result,
        }
        became = str(await FINISH.run(self._redis, keys, call))
        if became == "dead":
            log.error("effect_given_up", effect=identity, attempts=self._most_attempts, why=result["why"])
        return became


def as_call(planned: Planned, at: datetime) -> dict[str, str | int]:
    """Return an effect as the scripts take it; `at` is when it is due unless it says otherwise."""
    return {
        "id": effect_id(planned.effect),
        "due": due_milliseconds(planned.due or at),
        "body": write_effect(planned.effect),
    }
