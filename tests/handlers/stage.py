"""What a flow is tested on: people in groups, a policy, every neighbour in memory, and the journeys."""

from dataclasses import replace
from itertools import count
from typing import Any, TypeVar

from approvals.asking import Draft, ask
from approvals.audit import AuditEntry, Kind
from approvals.brake import PAUSE, Brake
from approvals.effects import Effect, effect_id
from approvals.ids import id_made
from approvals.order import Act, Order
from approvals.people import Person
from approvals.policy import PolicyBook, QuorumMode, Rule
from approvals.request import DecisionsMode, Request
from bot.adapters import Adapters
from bot.journeys.doors import Journeys
from handlers.ports.intune import Identity, Row
from handlers.ports.orders import FilingRoom, Plan
from tests.approvals.builders import ADMINS, ALEX, CAB, CORA, DANA, RITA, person, workflow
from tests.fakes.intune import wipe
from tests.fakes.world import World

APPROVALS, OPERATIONS, ON_CALL = "19:approvals@thread.tacv2", "19:operations@thread.tacv2", "19:on-call@thread.v2"
WINDOWS = "windows10AndLater"
PORTAL = "https://intune.example/#received"

DANA_THERE = Identity(DANA.account, DANA.name, is_person=True)
"""Dana, as Intune names her."""

OTTO = person("otto")
"""A person in no group."""

WIPES = workflow(operation="Device wipe", required=1, groups=(ADMINS,), mode=QuorumMode.ANY, channels=(APPROVALS,))
SCRIPTS = workflow(channels=(APPROVALS,))
OTHERS = workflow(operation="Everything else", required=1, groups=(CAB,), channels=(APPROVALS,))

BOOK = PolicyBook(
    rules=(
        Rule(WIPES, frozenset({"devicewipe"}), frozenset()),
        Rule(SCRIPTS, frozenset({"script"}), frozenset({"devicemanagementscript"})),
    ),
    catch_all=OTHERS,
    digest="c1",
)

E = TypeVar("E", bound=Effect)


def script(**changes: Any) -> Row:
    """Return the row of a script assignment that Rita filed in the portal; it needs one person of each group."""
    row = wipe(
        id="i2",
        policy_types=("script",),
        kind="DeviceManagementScript",
        operation="Assign",
        action="",
        target_id="s1",
        target="Update-Defender",
        payload={"assign": "all"},
        devices=(),
    )
    return replace(row, **changes)


class Stage(World):
    """Rita asks; Alex and Dana are admins, Cora is in the board, Otto is in no group. A wipe needs one admin."""

    def __init__(self, book: PolicyBook = BOOK, **changes: Any) -> None:
        """Build the stage; `changes` replace adapters."""
        super().__init__()
        for known in (RITA, OTTO):
            self.directory.add(known)
        for admin in (ALEX, DANA):
            self.directory.add(admin, ADMINS)
        self.directory.add(CORA, CAB)
        self.book = book
        self.room = FilingRoom(self.filer, self.vault)
        self.journeys = self.journeys_with(**changes)
        self._numbers = count(1)

    @property
    def audit(self) -> list[AuditEntry]:
        """Return all audit entries, oldest first."""
        return self.store.audit

    def journeys_with(self, **changes: Any) -> Journeys:
        """Return the journeys of another process with the same neighbours; `changes` replace adapters."""
        store = self.store
        usual = Adapters(
            clock=self.clock,
            requests=store.requests,
            continuity=store.continuity,
            losses=store.losses,
            copies=store.copies,
            outbox=store.outbox,
            poll_state=store.poll,
            intune=self.intune,
            access_policies=self.access_policies,
            directory=self.directory,
            chat=self.chat,
            conversations=store.conversations,
            sign_in=self.sign_in,
            brakes=store.brakes,
            drafts=store.drafts,
            prompts=store.prompts,
            notices=store.notices,
            memory=store.memory,
            mail=self.mail,
            presence=self.presence,
            on_call=self.on_call,
            alone=None,
            orders=self.orders,
            room=self.room,
            book=self.book,
            decisions=DecisionsMode.CARRY,
            replica="r1",
            owners={},
            portal_url=PORTAL,
            operations_channel=OPERATIONS,
            outside=self.outside,
        )
        return Journeys(replace(usual, **changes))

    def now_of(self, request: Request) -> Request:
        """Return the request as it is stored now."""
        return self.store.requests.stored[request.id]

    async def taken_up(self, row: Row | None = None, **changes: Any) -> Request:
        """Return a request that was filed in the portal, a wipe by default, and that the bot has stored since."""
        row = self.intune.show(replace(row or wipe(), **changes))
        assert await self.journeys.taking_in.take_in(row, history=False)
        found = await self.store.requests.load_by_intune_id(row.id)
        assert found is not None
        return found

    async def asked(self, target_id: str = "d1", act: Act = Act.WIPE, by: Person = RITA, **of_target: Any) -> Request:
        """Return an order that was asked for in chat and confirmed, by Rita by default."""
        now = self.clock.time
        row = wipe(id="", requestor=None, target_id=target_id, **of_target)
        self.orders.plans[target_id] = Plan(row, WINDOWS, frozenset(), frozenset())
        self.orders.held.add((act.policy_type, WINDOWS))
        reviewed, _ = await self.journeys.subjects.of_order(Order(act, target_id))
        draft = Draft(
            id=id_made(now, next(self._numbers)),
            author=by,
            act=act,
            words=reviewed.subject.target,
            began_at=now,
            justification="Stolen on the train",
            target_id=target_id,
        )
        outcome = ask(draft, reviewed.subject, self.journeys.policy.terms(reviewed.subject), now)
        return (await self.journeys.commits.store(outcome.request, outcome, now)).request

    def pause(self) -> None:
        """Pause everything, as Alex."""
        self.store.brakes.pulled[PAUSE] = Brake(PAUSE, ALEX, "Something is wrong.", self.clock.time)

    async def doubt(self) -> None:
        """Put the store in doubt, as the bot does, which stops all calls."""
        await self.store.continuity.doubt("It was restored from a backup of yesterday.")

    def planned(self, kind: type[E]) -> list[E]:
        """Return the planned effects of this kind, the first due first."""
        return [one for one in self.store.outbox.effects if isinstance(one, kind)]

    def due_in(self, effect: Effect) -> float:
        """Return in how many seconds the effect is due."""
        return (self.store.outbox.work[effect_id(effect)].due - self.clock.time).total_seconds()

    def forget_planned(self) -> None:
        """Forget all planned effects."""
        self.store.outbox.work.clear()

    def recorded(self, *kinds: Kind) -> list[AuditEntry]:
        """Return the audit entries of these kinds, oldest first."""
        return [entry for entry in self.audit if entry.kind in kinds]
