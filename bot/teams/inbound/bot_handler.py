"""The one module that touches botbuilder, which is untyped: it tells messages, installations and updates apart.

botbuilder gets an activity that is made for it from what was checked already, never the one that came: its models drop
fields, and fail in many ways on what they do not expect.
"""

from dataclasses import replace
from typing import Any

from botbuilder.core import BotAdapter, TurnContext  # type: ignore[import-untyped]
from botbuilder.core.teams import TeamsActivityHandler  # type: ignore[import-untyped]
from botbuilder.schema import Activity as SdkActivity  # type: ignore[import-untyped]
from botbuilder.schema import ChannelAccount

from bot.teams.inbound.activity import Activity, Fields, inner, text
from bot.teams.inbound.message import read_message
from bot.teams.inbound.tokens import CHANNEL
from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Inbox, Installation, Removal

_OURS = "countersign.activity"


class BotHandler:
    """Gives everything but clicks to the flows."""

    def __init__(self, inbox: Inbox) -> None:
        self._turns = _Turns()
        self._handler = _Handler(inbox)

    async def handle(self, activity: Activity) -> None:
        """Have the flows act on it; what they do not care for is no error. Raises what a flow raises."""
        context = TurnContext(self._turns, _for_botbuilder(activity))
        context.turn_state[_OURS] = activity
        await self._turns.run_pipeline(context, self._handler.on_turn)


class _Handler(TeamsActivityHandler):  # type: ignore[misc]
    """botbuilder's names for what happens in Teams, and ours."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Somebody wrote to the bot."""
        await self._inbox.message(read_message(_arrived(turn_context)))

    async def on_installation_update_add(self, turn_context: TurnContext) -> None:
        """The app was installed."""
        await self._inbox.installed(_installation(_arrived(turn_context)))

    async def on_installation_update_remove(self, turn_context: TurnContext) -> None:
        """The app was removed."""
        await self._inbox.removed(_removal(_arrived(turn_context)))

    async def on_teams_members_added_dispatch(self, members_added: Any, _team: Any, turn_context: TurnContext) -> None:
        """Only the bot itself is news; botbuilder would ask Teams about everybody else who was added."""
        if _are_us(members_added, turn_context):
            await self.on_installation_update_add(turn_context)

    async def on_teams_members_removed_dispatch(
        self, members_removed: Any, _team: Any, turn_context: TurnContext
    ) -> None:
        """Only the bot itself is news."""
        if _are_us(members_removed, turn_context):
            await self.on_installation_update_remove(turn_context)

    async def on_teams_channel_created(self, _channel: Any, _team: Any, turn_context: TurnContext) -> None:
        """A team that the bot is in has one more channel."""
        await self.on_installation_update_add(turn_context)

    async def on_teams_channel_restored(self, _channel: Any, _team: Any, turn_context: TurnContext) -> None:
        """A deleted channel is back."""
        await self.on_installation_update_add(turn_context)

    async def on_teams_channel_renamed(self, _channel: Any, _team: Any, turn_context: TurnContext) -> None:
        """A channel is called otherwise."""
        await self.on_installation_update_add(turn_context)

    async def on_teams_channel_deleted(self, _channel: Any, _team: Any, turn_context: TurnContext) -> None:
        """One channel of a team is gone, the team is not."""
        activity = _arrived(turn_context)
        await self._inbox.removed(replace(_removal(activity), channel=_channel_of(activity)))

    async def on_teams_team_deleted(self, _team: Any, turn_context: TurnContext) -> None:
        """A team is gone."""
        await self.on_installation_update_remove(turn_context)

    async def on_teams_team_hard_deleted(self, _team: Any, turn_context: TurnContext) -> None:
        """A team is gone for good."""
        await self.on_installation_update_remove(turn_context)

    async def on_teams_team_restored(self, _team: Any, turn_context: TurnContext) -> None:
        """A deleted team is back."""
        await self._inbox.installed(replace(_installation(_arrived(turn_context)), whole_team=True))

    async def on_teams_team_unarchived(self, _team: Any, turn_context: TurnContext) -> None:
        """A team that was closed can be written to again."""
        await self._inbox.installed(replace(_installation(_arrived(turn_context)), whole_team=True))


class _Turns(BotAdapter):  # type: ignore[misc]
    """Runs turns. It sends nothing: the flows write to Teams through their own port."""

    async def send_activities(self, context: TurnContext, activities: Any) -> Any:
        """Not this way."""
        raise NotImplementedError

    async def update_activity(self, context: TurnContext, activity: Any) -> Any:
        """Not this way."""
        raise NotImplementedError

    async def delete_activity(self, context: TurnContext, reference: Any) -> Any:
        """Not this way."""
        raise NotImplementedError


def _for_botbuilder(activity: Activity) -> Any:
    """What botbuilder needs to tell activities apart, and no more."""
    data = inner(activity.fields, "channelData")
    return SdkActivity(
        type=activity.kind,
        channel_id=CHANNEL,
        action=text(activity.fields, "action"),
        members_added=_members(activity.fields, "membersAdded"),
        members_removed=_members(activity.fields, "membersRemoved"),
        channel_data={"eventType": text(data, "eventType"), "channel": {"id": _channel_of(activity)}},
    )


def _members(fields: Fields, name: str) -> list[Any]:
    listed = fields.get(name)
    people = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [ChannelAccount(id=text(one, "id")) for one in people]


def _are_us(members: Any, turn_context: TurnContext) -> bool:
    ours = _arrived(turn_context).bot
    return any(member.id.lower() == ours for member in members)


def _arrived(turn_context: TurnContext) -> Activity:
    activity: Activity = turn_context.turn_state[_OURS]
    return activity


def _installation(activity: Activity) -> Installation:
    return Installation(
        scope=activity.scope,
        service_url=activity.service_url,
        conversation=activity.conversation,
        account=activity.account,
        mri=activity.mri,
        team=_team_of(activity),
        channel=_channel_of(activity),
        name=text(inner(inner(activity.fields, "channelData"), "channel"), "name"),
        shared=text(inner(inner(activity.fields, "channelData"), "channel"), "type") == "shared",
    )


def _removal(activity: Activity) -> Removal:
    """Everything that the conversation stands for: a chat, or the whole of a team."""
    return Removal(activity.scope, activity.conversation, activity.account, _team_of(activity))


def _team_of(activity: Activity) -> str:
    return text(inner(inner(activity.fields, "channelData"), "team"), "id")


def _channel_of(activity: Activity) -> str:
    """The channel that is spoken of; else the one in which the app was installed, whose thread this is."""
    data = inner(activity.fields, "channelData")
    selected = inner(inner(data, "settings"), "selectedChannel")
    named = text(inner(data, "channel"), "id") or text(selected, "id")
    if named or activity.scope is not Scope.CHANNEL:
        return named
    return activity.conversation.split(";", 1)[0]
