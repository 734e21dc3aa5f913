"""The store's schema and the active configuration. A replica with another schema or configuration stores nothing."""

from datetime import UTC, datetime

import structlog

from approvals.audit import AuditEntry, Kind
from approvals.brake import Operator
from approvals.effects import Planned, SayToOperators, effect_id
from bot.store import keys as names
from bot.store.codec import SCHEMA, Codec
from bot.store.keys import Keys
from bot.store.outbox import as_call
from bot.store.redis import Connections
from bot.store.scripts import ACTIVATE, VISIT
from handlers.ports.clock import Clock

MOST_REMEMBERED = 50
"""How many past configurations are remembered: more than old replicas could still be running with."""

ADOPT = "python -m bot serve --adopt"

_ENTRY = Codec(AuditEntry)
_SHOWN = 12  # characters of a digest, enough to tell two apart

log = structlog.get_logger(__name__)


class OtherSchema(Exception):
    """The store was written with another schema than this version's. It is neither read nor changed."""

    def __init__(self, other: str) -> None:
        by = f"schema {other}" if other != "none" else "a version before 0.1.0, which kept no schema"
        super().__init__(
            f"The store in Redis was written by {by}, but this version of Countersign reads and writes only "
            f"schema {SCHEMA}. Start the version that wrote it, or let that version finish the open requests and start "
            "on an empty store."
        )


class Superseded(Exception):
    """The configuration was active before and was replaced. An old replica must not bring back an old policy."""

    def __init__(self, ours: str, other: str, since: datetime) -> None:
        super().__init__(
            f"This configuration ({shown(ours)}) was replaced: {shown(other)} is active since {_moment(since)}. Start "
            f"with the file of that one. If this one is to be the active one again: {ADOPT}"
        )


def decides_by(digest: str) -> str:
    """Return the schema and the configuration as the scripts compare them: if either differs, nothing is stored."""
    return f"{SCHEMA}.{digest}"


def shown(config: str) -> str:
    """Return the first characters of a configuration's digest, as logs and messages show it."""
    return config.partition(".")[2][:_SHOWN]


class RedisActive:
    """Activates this replica's configuration, and checks that it is still active. `config` comes from `decides_by`."""

    def __init__(self, connections: Connections, keys: Keys, config: str, clock: Clock) -> None:
        self._redis = connections.redis
        self._keys = keys
        self._config = config
        self._clock = clock
        self._deposed_by = ""

    async def visit(self) -> None:
        """Raise `OtherSchema` if the store has another schema. Write ours into an empty store."""
        of = self._keys.of
        keys = [self._keys.new_answer(), of(names.SCHEMA), of(names.AUDIT_NUMBER)]
        if other := await VISIT.run(self._redis, keys, {"schema": str(SCHEMA)}):
            raise OtherSchema(str(other))

    async def activate(self, adopter: Operator | None = None) -> None:
        """Make this replica's configuration the active one: the replica that started last wins.

        Raises `OtherSchema`, and `Superseded` for a configuration that was replaced before, unless there is an adopter.
        """
        became, other, since = await self._activate(adopter)
        if became == "other-schema":
            raise OtherSchema(other)
        moment = datetime.fromtimestamp(float(since) / 1000, UTC)
        if became == "superseded":
            raise Superseded(self._config, other, moment)
        if became != "active" and other:
            log.warning("configuration_replaced", ours=shown(self._config), replaced=shown(other), since=moment)

    async def why_not(self) -> str:
        """Return why this replica stores nothing, in a sentence; empty if it does store. Log each change once."""
        why, by = await self._look()
        if by and by != self._deposed_by:
            log.error("deposed", why=why, ours=shown(self._config), active=shown(by))
        if self._deposed_by and not by:
            log.warning("active_again", ours=shown(self._config))
        self._deposed_by = by
        return why

    async def _look(self) -> tuple[str, str]:
        """Return the reason, and the configuration or schema that is active instead."""
        active = await self._redis.get(self._keys.of(names.CONFIG)) or ""
        if active == self._config:
            return "", ""
        schema = await self._redis.get(self._keys.of(names.SCHEMA)) or ""
        if schema not in ("", str(SCHEMA)):
            found = f"the store is written by schema {schema} now, and this version writes {SCHEMA}"
            return f"{found}; start the version that fits", active or schema
        if not active:
            return "no configuration is active: the store was reset; restart", "nothing"
        return "another configuration is active; restart with that one", active

    async def _activate(self, adopter: Operator | None) -> tuple[str, str, str]:
        of = self._keys.of
        entries, planned = await self._adoption(adopter) if adopter else ((), ())
        keys = [
            self._keys.new_answer(),
            *(of(names.SCHEMA), of(names.CONFIG), of(names.CONFIGS), of(names.AUDIT), of(names.AUDIT_NUMBER)),
            *(of(names.DUE), of(names.FENCE), of(names.BELL)),
            *(of(names.EFFECT, effect_id(one.effect)) for one in planned),
        ]
        call = {
            "schema": str(SCHEMA),
            "config": self._config,
            "most": MOST_REMEMBERED,
            "adopt": adopter is not None,
            "entries": [_ENTRY.write(entry) for entry in entries],
            "planned": [as_call(one, entries[0].at) for one in planned],
        }
        became, other, since = await ACTIVATE.run(self._redis, keys, call)
        return became, other, since

    async def _adoption(self, adopter: Operator) -> tuple[tuple[AuditEntry, ...], tuple[Planned, ...]]:
        """Return the audit entry and the notice for activating a replaced configuration again."""
        now = await self._clock.now()
        evidence = {"user": adopter.user, "host": adopter.host}
        entry = AuditEntry(Kind.ADOPTED, now, name=adopter.name, after=shown(self._config), evidence=evidence)
        told = f"{adopter.name} has made an earlier configuration the active one again: {shown(self._config)}."
        return (entry,), (Planned(SayToOperators(now, told)),)


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
