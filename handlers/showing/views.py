"""The card of a request as everybody sees it, and as one reader does."""

from dataclasses import dataclass, replace

from approvals.brake import holding_up
from approvals.decide import may_vote
from approvals.quorum import is_decidable, possible_approval, would_decide
from approvals.reminding import was_paged
from approvals.request import Request
from approvals.snapshot import Eligibility
from cards.brakes import brake_sentence
from cards.refusals import hidden_sentence
from cards.request_card import draw
from cards.view import CardStep, View, Viewer
from handlers.gathering.availability import Availability
from handlers.gathering.helpers import Helpers
from handlers.ports.brakes import Brakes
from handlers.ports.clock import Clock
from handlers.ports.errors import PortError
from handlers.ports.teams import CardJson

TOO_FEW = (
    "The approver groups do not hold enough people who could approve this. Have somebody added, or decide it in Intune."
)


TOO_FEW_NOW = "Too few of those who could approve this are available right now. They are reminded all the same."


@dataclass(frozen=True, slots=True)
class Views:
    """Draws the card of a request with what holds it up now: a brake, or too few people."""

    clock: Clock
    brakes: Brakes
    availability: Availability
    helpers: Helpers
    portal_url: str

    async def base_card(self, request: Request, channel: str) -> CardJson:
        """Return the card that everybody in a channel sees until Teams has fetched their own."""
        notice = await self._held_up(request) or await self._shortage(request)
        refreshed = await self.helpers.refreshed(request, channel)
        view = View(notice=notice, refresh_for=refreshed, on_call=_is_on_call(request, channel))
        return self.drawn(request, view)

    async def askers_card(self, request: Request) -> CardJson:
        """Return the card for the chat of the person who requested it."""
        return self.drawn(request, View(viewer=Viewer.REQUESTOR, notice=await self._held_up(request)))

    async def own_card(
        self, request: Request, eligibility: Eligibility, channel: str, notice: str = "", sign_in_url: str = ""
    ) -> CardJson:
        """Return the card as this person sees it."""
        view = View(
            viewer=viewer_of(request, eligibility),
            notice=notice or await self._held_up(request),
            refresh_for=await self.helpers.refreshed(request, channel),
            sign_in_url=sign_in_url,
            own_vote=request.vote_of(eligibility.person),
            on_call=_is_on_call(request, channel),
            paged=was_paged(request, eligibility),
        )
        return self.drawn(request, view)

    def drawn(self, request: Request, view: View) -> CardJson:
        """Return the card for this view, with a link to this cloud's Intune."""
        return draw(request, replace(view, portal_url=self.portal_url))

    async def _held_up(self, request: Request) -> str:
        """Return the sentence for a brake that stops a decided request, or for a part that cannot be read."""
        if request.hidden:
            return hidden_sentence(request.hidden)
        brake = holding_up(await self.brakes.on(), request) if request.is_approved else None
        return brake_sentence(brake) if brake else ""

    async def _shortage(self, request: Request) -> str:
        """Return the sentence for a quorum that stays open even if everybody approves who may, or who is there; empty
        if the directory does not answer."""
        if not request.takes_votes or not is_decidable(request):
            return ""
        try:
            votes = await self.helpers.votes(request)
        except PortError:
            return ""
        if not would_decide(request, votes):
            return TOO_FEW
        people, now = [vote.voter for vote in votes], await self.clock.now()
        away = await self.availability.away(people, now, now=True)
        return "" if would_decide(request, [vote for vote in votes if vote.voter.account not in away]) else TOO_FEW_NOW


def second_step(request: Request, eligibility: Eligibility, step: CardStep, notice: str = "") -> CardJson:
    """Return the second step of Approve or Reject, with everything at stake. It has no refresh: that would wipe a
    note."""
    view = View(
        viewer=viewer_of(request, eligibility),
        step=step,
        notice=notice,
        decides=would_decide(request, [possible_approval(request, eligibility.person, eligibility.groups)]),
    )
    return draw(request, view)


def viewer_of(request: Request, eligibility: Eligibility) -> Viewer:
    """Return this person's relation to the request."""
    if request.is_own_of(eligibility.person):
        return Viewer.REQUESTOR
    if request.vote_of(eligibility.person):
        return Viewer.VOTED
    return Viewer.ELIGIBLE if may_vote(request, eligibility) is None else Viewer.BYSTANDER


def _is_on_call(request: Request, channel: str) -> bool:
    return request.reminders.paging is not None and request.reminders.paging.chat == channel
