"""Breaking the glass: the prompt, the proof of who it is, and what then happens at once."""

from dataclasses import dataclass

from approvals.alone import may_be_done_alone
from approvals.audit import Identified
from approvals.break_glass import (
    SWITCHED_OFF,
    Invocation,
    Prompt,
    way_for,
    why_not_break,
    why_not_enough,
    why_not_invoke,
)
from approvals.change import Change
from approvals.emergency import Emergency, Way
from approvals.people import Person
from approvals.policy import PolicyBook
from approvals.refusals import Refusal, WrongName
from approvals.request import Request
from approvals.sighting import Standing
from cards import glass_card
from cards.actions import witness_of
from cards.refusals import refusal_sentence
from handlers.commits import Commits
from handlers.emergency.review_lock import ReviewLock
from handlers.gathering.standings import Standings
from handlers.ids import new_request_id
from handlers.ports.clock import Clock
from handlers.ports.drafts import Drafts
from handlers.ports.emergency import Alone
from handlers.ports.teams import Card
from handlers.refusals import Refusals

WRONG_NAME = WrongName(glass=True)


GONE = "This request is not known here any more."


@dataclass(frozen=True, slots=True)
class Scene:
    """A prompt with what was gathered for it."""

    prompt: Prompt
    request: Request
    emergency: Emergency | None
    stands: Standing
    locked: bool
    alone: bool

    @property
    def way(self) -> Way:
        """What it would do if they sign in."""
        people = self.emergency.people_behind(self.stands.person) if self.emergency else ()
        way = way_for(self.request, people, self.invocation(Identified.BY_TOKEN))
        return Way.EXECUTED if way is Way.ESCALATED and self.alone else way

    def invocation(self, identified: Identified) -> Invocation:
        """What is asked of the rules."""
        asked = self.prompt
        return Invocation(self.stands, identified, asked.why, asked.ticket, asked.acting, asked.drill, self.locked)

    def card(self, notice: str = "", sign_in_url: str = "") -> Card:
        """The prompt as it is now, with what breaking the glass would do."""
        account = self.emergency.account_of(self.stands.person.account) if self.emergency else None
        return glass_card.prompt(
            self.prompt,
            self.request,
            account,
            self.way,
            ticket=bool(self.emergency and self.emergency.ticket),
            notice=notice,
            sign_in_url=sign_in_url,
        )


@dataclass(frozen=True, slots=True)
class Prompting:
    """The prompt of whoever breaks the glass."""

    clock: Clock
    prompts: Drafts[Prompt]
    alone: Alone | None
    book: PolicyBook
    commits: Commits
    refusals: Refusals
    standings: Standings
    review_lock: ReviewLock

    async def begin(self, request: Request, account: str, name: str, *, drill: bool = False) -> Card:
        """The prompt, or why this person gets none; that is recorded."""
        now = await self.clock.now()
        prompt = Prompt(new_request_id(now), request.id, Person(account, name, frozenset({account})), now, drill)
        scene = await self.scene(prompt, request)
        refusal = why_not_invoke(scene.emergency, scene.stands) or why_not_break(request, witness_of(request), now)
        if refusal:
            await self._record(scene, refusal, Identified.BY_CHANNEL)
            return glass_card.over(refusal_sentence(refusal))
        await self.prompts.save(prompt)
        return scene.card()

    async def why_nowhere(self, account: str, name: str) -> str:
        """Return why this person may not break glass at all, and record it; empty if they may.

        They are told the same of what is not known here as of every request, so that they learn of none.
        """
        emergency = self.book.emergency
        stands = await self.standings.in_groups(account, name, emergency.group_ids if emergency else ())
        refusal = why_not_invoke(emergency, stands)
        return (
            await self.refusals.record(stands.person, refusal_sentence(refusal), reason=refusal.code) if refusal else ""
        )

    async def check_typed(self, prompt: Prompt, request: Request, typed: str) -> Refusal | None:
        """What is wrong with what somebody filled in who is signed in, and may break glass; `typed` is the name. It is
        recorded."""
        return await self.check(await self.scene(prompt, request), typed, Identified.BY_TOKEN)

    async def check(self, scene: Scene, typed: str, identified: Identified) -> Refusal | None:
        name = scene.request.subject.target
        same = " ".join(typed.split()).casefold() == " ".join(name.split()).casefold()
        if scene.emergency is None:
            refusal: Refusal | None = SWITCHED_OFF
        else:
            refusal = (
                why_not_invoke(scene.emergency, scene.stands)
                or why_not_break(scene.request, scene.prompt.witness, await self.clock.now())
                or why_not_enough(scene.emergency, scene.invocation(identified))
                or (None if same else WRONG_NAME)
            )
        if refusal:
            await self._record(scene, refusal, identified)
        return refusal

    async def scene(self, prompt: Prompt, request: Request) -> Scene:
        emergency = self.book.emergency
        groups = emergency.group_ids if emergency else frozenset[str]()
        stands = await self.standings.in_groups(prompt.invoker.account, prompt.invoker.name, groups)
        people = emergency.people_behind(stands.person) if emergency else ()
        now = await self.clock.now()
        locked = await self.review_lock.holds(people, now)
        alone = self.alone is not None and may_be_done_alone(request, now) and not locked
        return Scene(prompt, request, emergency, stands, locked, alone)

    async def _record(self, scene: Scene, refusal: Refusal, identified: Identified) -> None:
        """What somebody tried and could not is recorded as well."""
        person = scene.stands.person
        await self.commits.commit(
            scene.request.id,
            lambda request, now: Change(request, now).refuse(refusal, person, identified),
            person=person.account,
        )
