"""A prompt with the facts gathered for it: what it would do now, and how it is drawn."""

from dataclasses import dataclass

from approvals.alone import may_be_done_alone
from approvals.audit import Identified
from approvals.break_glass import Invocation, Prompt
from approvals.emergency import Emergency, Way
from approvals.people import Person
from approvals.prompts import foreseen_way, invocation_of
from approvals.request import Request
from approvals.snapshot import Eligibility
from cards import glass_card
from handlers.gathering.invokers import Invokers
from handlers.ports.clock import Clock
from handlers.ports.emergency import EmergencyExecution
from handlers.ports.teams import CardJson


@dataclass(frozen=True, slots=True)
class PromptScene:
    """A prompt and the request that it is about.

    `eligibility` is its invoker's, in the emergency groups, and `people` are those who may be behind their account.
    `locked` says that a review of theirs is overdue, `alone` that the separate emergency process could do it.
    """

    prompt: Prompt
    request: Request
    emergency: Emergency | None
    eligibility: Eligibility
    people: tuple[Person, ...]
    locked: bool
    alone: bool

    @property
    def way(self) -> Way:
        """The result of breaking the glass if they sign in."""
        return foreseen_way(self.request, self.people, self.invocation(Identified.BY_TOKEN), alone=self.alone)

    def invocation(self, identified: Identified) -> Invocation:
        """Return the input for the rules, for a person identified in this way."""
        return invocation_of(self.prompt, self.eligibility, identified, locked=self.locked)

    def card(self, notice: str = "", sign_in_url: str = "") -> CardJson:
        """Return the prompt as it is now, with what breaking the glass would do."""
        emergency = self.emergency
        return glass_card.prompt(
            self.prompt,
            self.request,
            emergency.account_of(self.eligibility.person.account) if emergency else None,
            self.way,
            ticket=bool(emergency and emergency.ticket),
            notice=notice,
            sign_in_url=sign_in_url,
        )


@dataclass(frozen=True, slots=True)
class PromptScenes:
    """Gathers what a prompt needs. Without `alone` nobody acts alone here."""

    clock: Clock
    alone: EmergencyExecution | None
    invokers: Invokers

    async def gather(self, prompt: Prompt, request: Request) -> PromptScene:
        """Return the prompt with its invoker's standing at this moment."""
        now, invoker = await self.clock.now(), prompt.invoker
        eligibility = await self.invokers.eligibility(invoker.account, invoker.name)
        locked = await self.invokers.is_locked(eligibility.person, now)
        return PromptScene(
            prompt=prompt,
            request=request,
            emergency=self.invokers.emergency,
            eligibility=eligibility,
            people=self.invokers.people_behind(eligibility.person),
            locked=locked,
            alone=self.alone is not None and may_be_done_alone(request, now) and not locked,
        )
