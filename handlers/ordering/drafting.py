"""Asking for an operation in chat: from words to one target, to what is at stake, to a request that waits for approval.

Nothing is sent to Intune here. A draft belongs to who began it and serves once: its id becomes the request's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from approvals.asking import Draft, why_wrong_name
from approvals.order import Act
from approvals.people import Person
from cards import drafting
from cards.refusals import refusal_sentence
from handlers.commands.grammar import Command
from handlers.commands.lexicon import act_of
from handlers.ids import new_request_id
from handlers.ordering.askers import Askers
from handlers.ordering.confirmation import Confirmation
from handlers.ordering.proposing import Proposing
from handlers.ports.clock import Clock
from handlers.ports.directory import Directory
from handlers.ports.drafts import Drafts
from handlers.ports.orders import Candidate, Orders
from handlers.ports.teams import Card

NONE = 'There is no device "{}". Nothing was asked for.'


SEVERAL = '{} devices match "{}". Write the whole name, or the serial number.'


def _with(draft: Draft, found: str) -> Draft:
    """The draft with what was looked for: the target first, then the group."""
    return replace(draft, group_id=found) if draft.target_id else replace(draft, target_id=found)


_WHAT = {Act.SCRIPT: "script", Act.ROLE: "role", Act.COMPLIANCE: "compliance policy"}


def filled_in(draft: Draft, fields: Mapping[str, str]) -> Draft:
    return replace(
        draft,
        justification=fields.get("reason", fields.get("why", "")).strip(),
        ticket=fields.get("ticket", "").strip(),
        acting=fields.get("acting", ""),
    )


@dataclass(frozen=True, slots=True)
class Drafting:
    """From a command to the confirmation of one order."""

    clock: Clock
    directory: Directory
    drafts: Drafts[Draft]
    orders: Orders
    proposing: Proposing
    askers: Askers
    confirmation: Confirmation

    async def begin(self, command: Command, account: str) -> Card:
        """The first card of a command: a choice, a confirmation, or why not."""
        draft = await self._begun(command, account)
        if refusal := await self.askers.why_not(draft):
            return drafting.over(refusal)
        return await self._next_card(draft)

    async def confirmed(self, command: Command, account: str, fields: Mapping[str, str]) -> Draft | str:
        """A draft that was filled in on a page, and lacks nothing but the proof of who asks; or what is wrong with
        it."""
        draft = await self._begun(command, account)
        if refusal := await self.askers.why_not(draft):
            return refusal
        found = await self.orders.find(draft.act, draft.words)
        if len(found) != 1:
            return SEVERAL.format(len(found), draft.words) if found else NONE.format(draft.words)
        proposal = await self.proposing.propose(filled_in(_with(draft, found[0].id), fields))
        if proposal.refusal:
            return proposal.refusal
        if wrong := self.confirmation.why_not_filled(proposal.draft) or why_wrong_name(
            proposal.draft, fields.get("name", "")
        ):
            return refusal_sentence(wrong)
        draft = replace(proposal.draft, confirmed=True)
        await self.drafts.save(draft)
        return draft

    async def _begun(self, command: Command, account: str) -> Draft:
        now = await self.clock.now()
        author = await self.directory.person(account) or Person(account, "", frozenset({account}))
        return Draft(
            id=new_request_id(now),
            author=author,
            act=command.act or act_of(command.name),
            words=command.target,
            began_at=now,
            group_words=command.group,
            options=command.options,
            urgent=command.urgent or command.act is not None,
            justification=command.reason,
            drill=command.drill,
            emergency=command.act is not None,
        )

    async def _next_card(self, draft: Draft) -> Card:
        """Ask for what is not clear yet; then show what would happen."""
        if not draft.target_id:
            what = _WHAT.get(draft.act, "device")
            return await self._found(draft, await self.orders.find(draft.act, draft.words), draft.words, what)
        if not draft.act.is_on_device and not draft.group_id:
            return await self._found(
                draft, await self.orders.find_groups(draft.group_words), draft.group_words, "group"
            )
        return await self.proposal_card(draft)

    async def _found(self, draft: Draft, candidates: Sequence[Candidate], typed: str, what: str) -> Card:
        """One match goes on by itself, several are a choice."""
        if not candidates:
            return drafting.not_found(draft.act, typed, what)
        if len(candidates) == 1:
            return await self._next_card(_with(draft, candidates[0].id))
        await self.drafts.save(draft)
        choices = [drafting.Choice(one.id, one.name, one.lines) for one in candidates]
        return drafting.chooser(draft, choices, what)

    async def choose(self, draft: Draft, choice: str) -> Card:
        """An id that nobody offered finds nothing, or what may be asked for by name as well."""
        if not choice:
            return drafting.over("Nothing was chosen. Please write the command again.")
        return await self._next_card(_with(draft, choice))

    async def proposal_card(self, draft: Draft, notice: str = "") -> Card:
        proposal = await self.proposing.propose(draft)
        if proposal.refusal:
            return drafting.over(proposal.refusal)
        await self.drafts.save(proposal.draft)
        return self.confirmation.card(proposal.draft, notice)
