"""The first page after signing in to the emergency page, which is for accounts without Teams."""

from dataclasses import dataclass

from approvals.audit import Identified
from approvals.break_glass import SWITCHED_OFF, why_not_break, why_not_invoke
from approvals.order import Act
from cards import sentences
from cards.actions import fingerprint_of
from cards.refusals import refusal_sentence
from handlers.gathering.invokers import Invokers
from handlers.ordering.askers import Askers
from handlers.ports.clock import Clock
from handlers.ports.requests import Requests
from handlers.storing.refusals import Refusals

ACTS = tuple(act for act in Act if act.is_on_device)
"""Operations that the page offers. Everything else can wait for a person who has Teams."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request that waits: its id, its status, and the fingerprint of what was shown of it (`fingerprint`)."""

    id: str
    told: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Lobby:
    """The choices of a person who signed in. `custodians` are account and name, for a shared account; `acts` are the
    operations that they may request, if any."""

    waiting: tuple[Waiting, ...]
    custodians: tuple[tuple[str, str], ...]
    acts: tuple[Act, ...]
    ticket: bool


@dataclass(frozen=True, slots=True)
class Lobbies:
    """Admits people who may break glass, and nobody else."""

    clock: Clock
    requests: Requests
    refusals: Refusals
    invokers: Invokers
    askers: Askers

    async def enter(self, account: str) -> Lobby | str:
        """Return what this person may choose from, or why they may not; record a refusal."""
        emergency, eligibility = self.invokers.emergency, await self.invokers.eligibility(account, "")
        if refusal := why_not_invoke(emergency, eligibility):
            evidence = {"reason": refusal.code, "page": "/breakglass"}
            return await self.refusals.record(
                eligibility.person, refusal_sentence(refusal), Identified.BY_TOKEN, **evidence
            )
        if emergency is None:
            return refusal_sentence(SWITCHED_OFF)
        now, found = await self.clock.now(), await self.requests.open()
        waiting = [request for request in found if why_not_break(request, fingerprint_of(request), now) is None]
        return Lobby(
            waiting=tuple(Waiting(one.id, sentences.summary(one), fingerprint_of(one)) for one in waiting),
            custodians=tuple((one.account, one.name) for one in emergency.people_behind(eligibility.person)[1:]),
            acts=ACTS if self.askers.can_ask else (),
            ticket=bool(emergency.ticket),
        )
