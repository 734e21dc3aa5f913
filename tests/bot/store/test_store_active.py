"""The store's schema and its active configuration, on a real server."""

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs
from structlog.typing import EventDict

from approvals.audit import Kind
from approvals.brake import Operator
from approvals.effects import Planned, PostCards, SayToOperators
from bot.store import Store, open_store, visit_store
from bot.store.active import MOST_REMEMBERED, OtherSchema, Superseded
from bot.store.codec import SCHEMA
from handlers.ports.requests import Stored
from tests.bot.store.driven import NEW, write
from tests.fakes.clock import Clock

OPS = Operator("root", "ops-1")
KEY = "cs:{tenant}:schema"


async def started(address: str, clock: Clock, digest: str, adopter: Operator | None = None) -> Store:
    """Open one more replica with this configuration."""
    return await open_store(address, "tenant", digest, clock=clock, adopter=adopter)


async def test_an_empty_store_takes_the_schema_of_who_starts_first(store: Store, raw: Redis) -> None:
    """The first start writes its schema into an empty store."""
    assert await raw.get(KEY) == str(SCHEMA)


@pytest.mark.parametrize("other", [SCHEMA - 1, SCHEMA + 1])
async def test_a_store_of_another_schema_is_refused(
    store: Store, raw: Redis, address: str, clock: Clock, other: int
) -> None:
    """A store of an older or newer schema is refused by replicas and by commands, and stays unchanged."""
    await store.requests.commit(write(NEW))
    await raw.set(KEY, str(other))
    before = {str(key) for key in await raw.keys("*")}
    with pytest.raises(OtherSchema, match=rf"schema {other}, but this version .* only schema {SCHEMA}. Start the"):
        await started(address, clock, "c2")
    shell = visit_store(address, "tenant")
    with pytest.raises(OtherSchema):
        await shell.active.visit()
    await shell.close()
    assert {str(key) for key in await raw.keys("*")} == before


async def test_a_store_without_a_schema_is_refused(store: Store, raw: Redis, address: str, clock: Clock) -> None:
    """A store with data and without a schema is refused."""
    await store.requests.commit(write(NEW))
    await raw.delete(KEY)
    with pytest.raises(OtherSchema, match=r"a version before 0\.1\.0"):
        await started(address, clock, "c1")


async def test_a_shell_on_an_empty_store_leaves_it_to_the_bot(
    address: str, raw: Redis, clock: Clock, store: Store
) -> None:
    """A command on an empty store does not prevent the first start of the bot."""
    await raw.flushall()
    shell = visit_store(address, "tenant")
    await shell.active.visit()
    await shell.requests.record([*write(NEW).entries])
    await shell.close()
    await (await started(address, clock, "c1")).close()


async def test_a_running_older_version_stores_nothing_once_a_newer_one_has_taken_over(store: Store, raw: Redis) -> None:
    """After a newer version has taken over the store, the older one stores no decision, gets no lease, and says why."""
    await store.outbox.plan([Planned(PostCards("R1"))], NEW.opened_at)
    await raw.set(KEY, str(SCHEMA + 1))
    await raw.set("cs:{tenant}:config", f"{SCHEMA + 1}.c1")
    assert (await store.requests.commit(write(NEW))).stored is Stored.OTHER_CONFIG
    assert await store.outbox.lease(10) == []
    assert not await store.poll.lead("a")
    with capture_logs() as logs:
        assert f"schema {SCHEMA + 1} now" in await store.active.why_not()
    assert [line["event"] for line in logs] == ["deposed"]
    await store.requests.adopt_active()
    assert (await store.requests.commit(write(NEW))).stored is Stored.OTHER_CONFIG


async def test_the_same_file_under_another_schema_is_another_configuration(
    store: Store, raw: Redis, address: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same file under another schema is another configuration: the newer version replaces the older one, which
    stores nothing any more."""
    await raw.flushall()
    monkeypatch.setattr("bot.store.active.SCHEMA", SCHEMA + 1)
    newer = await started(address, clock, "c1")
    assert (await store.requests.commit(write(NEW))).stored is Stored.OTHER_CONFIG
    assert (await newer.requests.commit(write(NEW))).stored is Stored.SAVED
    await newer.close()


async def test_a_deposed_replica_says_so_once_and_so_does_the_new_one(store: Store, address: str, clock: Clock) -> None:
    """The new replica logs once which configuration it replaced, and the old one logs once that it was replaced."""
    assert await store.active.why_not() == ""
    with capture_logs() as logs:
        newer = await started(address, clock, "c2")
        for _ in range(3):
            assert "another configuration is active" in await store.active.why_not()
            assert await newer.active.why_not() == ""
    replaced, deposed = _of_configurations(logs)
    assert (replaced["event"], replaced["ours"], replaced["replaced"]) == ("configuration_replaced", "c2", "c1")
    assert replaced["since"].year >= 2026
    assert (deposed["event"], deposed["active"], deposed["log_level"]) == ("deposed", "c2", "error")
    await newer.close()


async def test_a_forgotten_replica_does_not_bring_an_old_policy_back(store: Store, address: str, clock: Clock) -> None:
    """A replica with a replaced configuration does not start, and the error names the command that adopts it."""
    newer = await started(address, clock, "c2")
    with pytest.raises(Superseded, match=r"\(c1\) was replaced: c2 is active since .*python -m bot serve --adopt"):
        await started(address, clock, "c1")
    assert await newer.active.why_not() == ""
    await newer.close()


async def test_two_replicas_restart_one_by_one(store: Store, sibling: Store, address: str, clock: Clock) -> None:
    """Restarting with the same configuration changes nothing; with a new configuration, the first replica that starts
    makes it active."""
    with capture_logs() as logs:
        await (await started(address, clock, "c1")).close()
        await (await started(address, clock, "c1", OPS)).close()
    assert _of_configurations(logs) == []
    first = await started(address, clock, "c2")
    second = await started(address, clock, "c2")
    assert (await first.active.why_not(), await second.active.why_not()) == ("", "")
    assert await sibling.active.why_not()
    assert [entry.kind for _, entry in await store.requests.audit(0, 10)] == []
    await first.close()
    await second.close()


async def test_an_operator_has_an_old_configuration_back(store: Store, address: str, clock: Clock) -> None:
    """When an operator adopts an old configuration, that is recorded, told to operators, and replicas that still run
    with it are active again."""
    newer = await started(address, clock, "c2")
    await store.active.why_not()
    adopted = await started(address, clock, "c1", OPS)
    [(_, entry)] = await adopted.requests.audit(0, 10)
    assert (entry.kind, entry.name, entry.after) == (Kind.ADOPTED, "root at ops-1", "c1")
    assert entry.evidence == {"user": "root", "host": "ops-1"}
    [told] = await adopted.outbox.lease(10)
    assert isinstance(told.effect, SayToOperators)
    assert told.effect.text.startswith("root at ops-1 has made an earlier configuration the active one again: c1.")
    with capture_logs() as logs:
        assert await store.active.why_not() == ""
        assert await newer.active.why_not() != ""
    assert [line["event"] for line in logs] == ["active_again", "deposed"]
    with pytest.raises(Superseded):
        await started(address, clock, "c2")
    await newer.close()
    await adopted.close()


async def test_what_was_active_is_remembered_within_bounds(
    store: Store, raw: Redis, address: str, clock: Clock
) -> None:
    """The number of remembered configurations is limited, and the oldest is forgotten first."""
    for number in range(MOST_REMEMBERED + 3):
        await (await started(address, clock, f"d{number}")).close()
    known = [str(config).partition(".")[2] for config in await raw.zrange("cs:{tenant}:configs", 0, -1)]
    assert len(known) == MOST_REMEMBERED
    assert known[-1] == f"d{MOST_REMEMBERED + 2}"
    assert "c1" not in known


async def test_a_store_that_was_emptied_has_no_active_configuration(store: Store, raw: Redis) -> None:
    """After the store was emptied, a replica reports that no configuration is active and why."""
    await raw.flushall()
    assert await store.active.why_not() == "no configuration is active: the store was reset; restart"


def _of_configurations(logs: list[EventDict]) -> list[EventDict]:
    """Return the log lines without the warning about replicas of a cluster."""
    return [line for line in logs if line["event"] != "redis_failover_may_lose_votes"]
