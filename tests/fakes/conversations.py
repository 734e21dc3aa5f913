"""The channels and chats in which the bot is installed, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from handlers.ports.teams import ChannelReference, PersonalReference


@dataclass
class Conversations:
    """Keeps references by channel and by account."""

    channels: dict[str, ChannelReference] = field(default_factory=dict)
    people: dict[str, PersonalReference] = field(default_factory=dict)
    gone: dict[str, ChannelReference] = field(default_factory=dict)

    async def channel(self, channel: str) -> ChannelReference | None:
        return self.channels.get(channel)

    async def of_team(self, *ids: str) -> Sequence[ChannelReference]:
        known = [*self.channels.values(), *self.gone.values()]
        teams = {one.team for one in known if one.team and (one.team in ids or one.channel in ids)}
        return [one for one in known if one.team in teams]

    async def save_channel(self, reference: ChannelReference) -> bool:
        new = reference.channel not in self.channels
        self.gone.pop(reference.channel, None)
        self.channels[reference.channel] = reference
        return new

    async def forget_channel(self, channel: str) -> None:
        self.channels.pop(channel, None)

    async def forget_team(self, team: str) -> None:
        self.gone |= {name: one for name, one in self.channels.items() if one.team == team}
        self.channels = {name: one for name, one in self.channels.items() if one.team != team}

    async def move(self, old: str, new: str) -> Sequence[str]:
        channels = [one for one in self.channels.values() if one.service_url == old]
        people = [one for one in self.people.values() if one.service_url == old]
        self.channels |= {one.channel: replace(one, service_url=new) for one in channels}
        self.people |= {one.account: replace(one, service_url=new) for one in people}
        return [one.channel for one in channels]

    async def person(self, account: str) -> PersonalReference | None:
        return self.people.get(account)

    async def save_person(self, reference: PersonalReference) -> bool:
        new = reference.account not in self.people
        self.people[reference.account] = reference
        return new

    async def forget_person(self, account: str) -> None:
        self.people.pop(account, None)
