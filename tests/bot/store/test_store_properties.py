"""Whatever happens in whatever order: what is stored is what was acknowledged."""

import asyncio
from dataclasses import dataclass, field, replace
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.effects import Planned, RefreshCards
from bot.store import Store, open_store
from handlers.ports.outbox import Claimed
from handlers.ports.requests import Once, Stored
from tests.bot.store.driven import NEW, DrivenClock, write

REQUESTS = st.sampled_from(["R1", "R2", "R3"])
CLICKS = st.none() | st.builds(Once, st.sampled_from(["c1", "c2", "c3"]), st.sampled_from(["alex", "mallory"]))


@dataclass
class Model:
    """What must be there: revisions, clicks by id, how many audit entries, which effects are planned or leased."""

    revisions: dict[str, int] = field(default_factory=dict)
    clicks: dict[str, str] = field(default_factory=dict)
    entries: int = 0
    planned: set[str] = field(default_factory=set)
    leased: dict[str, Claimed] = field(default_factory=dict)

    def commit(self, request: str, revision: int, once: Once | None) -> Stored:
        """What must become of it."""
        if once and once.id in self.clicks:
            return Stored.REPEATED if self.clicks[once.id] == once.fingerprint else Stored.FORGED
        if revision != self.revisions.get(request, 0):
            return Stored.CONFLICT
        self.revisions[request] = revision + 1
        self.entries += 1
        self.planned.add(f"RefreshCards:{request}")
        self.leased.pop(f"RefreshCards:{request}", None)
        if once:
            self.clicks[once.id] = once.fingerprint
        return Stored.SAVED


class Play:
    """The steps, each on the store and on the model."""

    def __init__(self, store: Store, clock: DrivenClock) -> None:
        self.store = store
        self.clock = clock
        self.model = Model()

    async def commit(self, request: str, late: bool, once: Once | None) -> None:
        """Somebody decides, perhaps on a state that is not the latest."""
        revision = max(self.model.revisions.get(request, 0) - late, 0)
        read = replace(NEW, id=request, intune_id=f"of {request}", revision=revision)
        receipt = await self.store.requests.commit(write(read, Planned(RefreshCards(request)), once=once))
        assert receipt.stored is self.model.commit(request, revision, once)

    async def claim(self, limit: int) -> None:
        """A replica takes what is due."""
        claimed = await self.store.outbox.claim(limit)
        free = self.model.planned - self.model.leased.keys()
        assert len(claimed) == min(limit, len(free))
        assert {one.id for one in claimed} <= free
        self.model.leased |= {one.id: one for one in claimed}

    async def finish(self, request: str) -> None:
        """A replica is done, if it has anything."""
        claimed = self.model.leased.pop(f"RefreshCards:{request}", None)
        if claimed:
            assert await self.store.outbox.done(claimed)
            self.model.planned.discard(claimed.id)

    async def outlive_the_lease(self) -> None:
        """Every replica that has taken something dies."""
        self.clock.advance(minutes=1)
        stale, self.model.leased = self.model.leased, {}
        await self.claim(10)
        for claimed in stale.values():
            assert not await self.store.outbox.done(claimed)

    async def check(self) -> None:
        """Compare all of it."""
        numbers = [number for number, _ in await self.store.requests.audit(0, 1000)]
        loaded = {name: await self.store.requests.load(name) for name in self.model.revisions}
        assert numbers == list(range(1, self.model.entries + 1))
        assert {name: read and read.revision for name, read in loaded.items()} == self.model.revisions
        assert set(await self.store.requests.open_ids()) == self.model.revisions.keys()
        await self.outlive_the_lease()
        assert self.model.leased.keys() == self.model.planned


STEPS = st.one_of(
    st.tuples(st.just("commit"), REQUESTS, st.booleans(), CLICKS),
    st.tuples(st.just("claim"), st.integers(1, 3)),
    st.tuples(st.just("finish"), REQUESTS),
    st.tuples(st.just("outlive_the_lease")),
)


@given(st.lists(STEPS, max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_store_is_what_the_model_says(single: str, steps: list[tuple[object, ...]]) -> None:
    """Decisions, repetitions, forgeries, late ones, claims, ends and deaths in any order."""
    asyncio.run(_play(single, steps))


async def _play(address: str, steps: list[tuple[object, ...]]) -> None:
    clock = DrivenClock()
    store = await open_store(address, uuid4().hex, "c1", clock=clock, most_attempts=1000)
    play = Play(store, clock)
    for name, *arguments in steps:
        await getattr(play, str(name))(*arguments)
    await play.check()
    await store.close()
