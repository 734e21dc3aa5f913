"""Reviews after emergencies: shown, called for again, and closed by a person with no part in them."""

from dataclasses import dataclass
from typing import assert_never

from approvals import review as rules
from approvals.audit import Identified
from approvals.emergency import Finding
from approvals.request import Request
from approvals.snapshot import Eligibility
from cards.actions import OnReview, Verb
from cards.refusals import refusal_sentence
from handlers.incoming.clicks import Answer, Click
from handlers.showing.review_cards import ReviewCards
from handlers.storing.commits import Commits


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Handles reviews until they are closed. Every click is answered with the card; it says why a person may not
    close."""

    commits: Commits
    review_cards: ReviewCards

    async def click(self, clicked: Click, verb: OnReview, request: Request, eligibility: Eligibility) -> Answer:
        """Handle a click on the card of a review."""
        match verb:
            case Verb.SHOW_REVIEW:
                return await self.review_cards.show(request)
            case Verb.REVIEW:
                refusal = rules.why_not_close(request, eligibility)
                sentence = refusal_sentence(refusal) if refusal else ""
                return await self.review_cards.show(request, sentence, closing=refusal is None)
            case Verb.JUSTIFIED:
                return await self._close(clicked, request, eligibility, Finding.JUSTIFIED)
            case Verb.NOT_JUSTIFIED:
                return await self._close(clicked, request, eligibility, Finding.NOT_JUSTIFIED)
            case _:
                assert_never(verb)

    async def remind(self, request: Request, number: int) -> None:
        """Remind of an open review."""
        await self.commits.commit(request.id, lambda known, now: rules.remind(known, number, now))

    async def _close(self, clicked: Click, request: Request, eligibility: Eligibility, finding: Finding) -> Answer:
        text = clicked.inputs.get("text", "")
        committed = await self.commits.commit(
            request.id,
            lambda known, now: rules.close_review(known, eligibility, finding, text, Identified.BY_CHANNEL, now),
            clicked.once,
            clicked.account,
        )
        mended = committed.outcome.refusal is not None and rules.why_not_close(committed.request, eligibility) is None
        return await self.review_cards.show(committed.request, committed.notice, closing=mended)
