"""The person behind a mention, whatever name Teams shows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from approvals.people import Person
from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Message, Named
from handlers.ports.places import channel_of
from handlers.ports.teams import Chat, Conversations

# The id of a mention is Teams' own (`29:…`), or holds an object id, with a prefix (`8:orgid:…`) or without
# (learn.microsoft.com, "Channel and group conversations with a bot"; botframework-sdk#6650).
_ACCOUNT = re.compile(r"(?:8:orgid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Finds the people behind mentions. An unknown id means nobody; names are never compared."""

    chat: Chat
    conversations: Conversations

    async def among(self, people: Iterable[Person], named: Named, written: Message) -> list[Person]:
        """Return which of these people a mention in this message means."""
        owners = {account.lower(): person for person in people for account in person.accounts}
        if account := _ACCOUNT.fullmatch(named.id):
            meant = {account[1].lower()}
        else:
            ids = await self._ids(owners, written)
            meant = {account for account, mri in ids.items() if mri and mri == named.id}
        return list({owners[account].account: owners[account] for account in meant & owners.keys()}.values())

    async def _ids(self, accounts: Iterable[str], written: Message) -> dict[str, str]:
        """Return Teams' ids of those accounts that the bot has met, or that are where this was written."""
        known = {account: await self.conversations.person(account) for account in accounts}
        ids = {account: reference.mri for account, reference in known.items() if reference}
        unknown = [account for account in known if account not in ids]
        if written.scope is Scope.PERSONAL or not unknown:
            return ids
        there = await self.chat.mentions(channel_of(written.conversation), unknown)
        return ids | {account: mention.mri for account, mention in there.items()}
