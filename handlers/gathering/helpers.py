"""People who could fill an empty seat, and those of them who are in a channel."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from approvals.decide import approver_group_ids
from approvals.people import Person
from approvals.quorum import possible_approval, would_help
from approvals.request import Request, Vote
from cards.request_card import MOST_REFRESHED
from cards.rules import is_pending
from handlers.ports.directory import Directory
from handlers.ports.errors import PortError
from handlers.ports.teams import Chat, Mention

MOST_MENTIONED = 10
"""More names than that are noise."""


@dataclass(frozen=True, slots=True)
class Helpers:
    """Asks the directory and Teams. If they do not answer, a mention is missing, never a card."""

    directory: Directory
    chat: Chat

    async def people(self, request: Request) -> list[Person]:
        """Return people whose approval would fill an empty seat, in a steady order."""
        return [vote.voter for vote in await self.votes(request)]

    async def votes(self, request: Request) -> list[Vote]:
        """Return the approvals that they could give."""
        groups = sorted(approver_group_ids(request))
        members = await asyncio.gather(*(self.directory.members(group) for group in groups))
        held: dict[str, set[str]] = {}
        people: dict[str, Person] = {}
        for group, found in zip(groups, members, strict=True):
            for person in found:
                people[person.account] = person
                held.setdefault(person.account, set()).add(group)
        votes = [
            possible_approval(request, person, frozenset(held[account]))
            for account, person in sorted(people.items(), key=lambda item: item[1].name)
            if not (request.is_own_of(person) or request.is_called_by(person)) and request.vote_of(person) is None
        ]
        return [vote for vote in votes if would_help(request, vote)]

    async def mentions(self, request: Request, channel: str, people: Sequence[Person] | None = None) -> list[Mention]:
        """Return at most ten of these people, or of all who can fill an empty seat, who are in this channel; nobody if
        Teams or the directory does not answer."""
        try:
            people = await self.people(request) if people is None else people
            known = await self.chat.mentions(channel, [person.account for person in people])
        except PortError:
            return []
        return [known[person.account] for person in people if person.account in known][:MOST_MENTIONED]

    async def refreshed(self, request: Request, channel: str) -> tuple[str, ...]:
        """Return Teams' ids of the approvers and the requestor in this channel, while there is something for them to
        do.

        A card without them is still complete.
        """
        if not is_pending(request) or not _is_shared(channel):
            return ()
        try:
            groups = sorted(approver_group_ids(request))
            members = await asyncio.gather(*(self.directory.members(group) for group in groups))
            accounts = dict.fromkeys(
                account for found in members for person in found for account in sorted(person.accounts)
            )
            if isinstance(request.requestor, Person):
                accounts |= dict.fromkeys(sorted(request.requestor.accounts))
            known = await self.chat.mentions(channel, accounts)
        except PortError:
            return ()
        return tuple(mention.mri for mention in known.values())[:MOST_REFRESHED]


def _is_shared(conversation: str) -> bool:
    """Return whether several people read there: Teams' ids of channels and group chats begin like this, those of 1:1
    chats do not."""
    return conversation.startswith("19:")
