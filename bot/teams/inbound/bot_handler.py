"""The only module that uses botbuilder, which is untyped. It distinguishes messages, installations and updates.

botbuilder gets a new activity that is built from checked values, never the original one: its models drop fields, and
fail in many ways on unexpected input.
"""

from dataclasses import replace
from typing import Any

from botbuilder.core import BotAdapter, TurnContext  # type: ignore[import-untyped]
from botbuilder.core.teams import TeamsActivityHandler  # type: ignore[import-untyped]
from botbuilder.schema import Activity as SdkActivity  # type: ignore[import-untyped]
from botbuilder.schema import ChannelAccount

from bot.teams.inbound.activity import Activity, Payload, inner, text
from bot.teams.inbound.message import read_message
from bot.teams.inbound.tokens import CHANNEL
from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Inbox, Installation, Removal

_OURS = "countersign.activity"


class BotHandler:
    """Passes everything except clicks to the flows."""

    def __init__(self, inbox: Inbox) -> None:
        self._turns = _Turns()
        self._handler = _Handler(inbox)

    async def handle(self, activity: Activity) -> None:
        """Pass the activity to the flows. An activity that no flow handles is no error. Raises what a flow raises."""
        context = TurnContext(self._turns, _for_botbuilder(activity))
        context.turn_state[_OURS] = activity
        await self._turns.run_pipeline(context, self._handler.on_turn)


class _Handler(TeamsActivityHandler):  # type: ignore[misc]
    """Maps botbuilder's events to our inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Handle a message to the bot."""
        await self._inbox.message(read_message(_arrived(turn_context)))

    async def on_installation_update_add(self, turn_context: TurnContext) -> None:
        """Handle the installation of the app."""
        await self._inbox.installed(_installation(_arrived(turn_context)))

    async def on_installation_update_remove(self, turn_context: TurnContext) -> None:
        """Handle the removal of the app."""
        await self._inbox.removed(_removal(_arrived(turn_context)))

    async def on_teams_members_added_dispatch(self, members_added: Any, _team: Any, turn_context: TurnContext) -> None:
        """Handle only the bot itself; for other members botbuilder would call Teams."""
        if _are_us(members_added, turn_context):
            await self.on_installation_update_add(turn_context)

    async def on_teams_members_removed_dispatch(
        self, members_removed: Any, _team: Any, turn_context: TurnContext
    ) -> None:
        """Handle only the bot itself."""
        if _are_us(members_removed, turn_context):
            await self.on_installation_update_remove(turn_context)

    async def on_teams_channel_created(self, _channel: Any, _team: Any, turn_context: TurnContext) -> None:
        """Handle a new channel in a team that the bot is in."""
        await self.on_installation_update_add(turn_context)

    async def on_teams_channel_restored(self, _channel: Any, _team: Any, turn_context: TurnContext) -> None:
        """Handle a restored channel."""
        await self.on_installation_update_add(turn_context)

    async def on_teams_channel_renamed(self, _channel: Any, _team: Any, turn_context: TurnContext) -> None:
        """Handle a renamed channel."""
        await self.on_installation_update_add(turn_context)

    async def on_teams_channel_deleted(self, _channel: Any, _team: Any, turn_context: TurnContext) -> None:
        """Handle the deletion of one channel, not of the whole team."""
        activity = _arrived(turn_context)
        await self._inbox.removed(replace(_removal(activity), channel=_channel_of(activity)))

    async def on_teams_team_deleted(self, _team: Any, turn_context: TurnContext) -> None:
        """Handle the deletion of a team."""
        await self.on_installation_update_remove(turn_context)

    async def on_teams_team_hard_deleted(self, _team: Any, turn_context: TurnContext) -> None:
        """Handle the permanent deletion of a team."""
        await self.on_installation_update_remove(turn_context)

    async def on_teams_team_restored(self, _team: Any, turn_context: TurnContext) -> None:
        """Handle a restored team."""
        await self._inbox.installed(replace(_installation(_arrived(turn_context)), whole_team=True))

    async def on_teams_team_unarchived(self, _team: Any, turn_context: TurnContext) -> None:
        """Handle a team that is no longer archived."""
        await self._inbox.installed(replace(_installation(_arrived(turn_context)), whole_team=True))


class _Turns(BotAdapter):  # type: ignore[misc]
    """Runs turns. It sends nothing: the flows write to Teams through their own port."""

    async def send_activities(self, context: TurnContext, activities: Any) -> Any:
        """Not supported."""
        raise NotImplementedError

    async def update_activity(self, context: TurnContext, activity: Any) -> Any:
        """Not supported."""
        raise NotImplementedError

    async def delete_activity(self, context: TurnContext, reference: Any) -> Any:
        """Not supported."""
        raise NotImplementedError


def _for_botbuilder(activity: Activity) -> Any:
    """Build an activity with only what botbuilder needs to distinguish events."""
    data = inner(activity.fields, "channelData")
    return SdkActivity(
        type=activity.kind,
        channel_id=CHANNEL,
        action=text(activity.fields, "action"),
        members_added=_members(activity.fields, "membersAdded"),
        members_removed=_members(activity.fields, "membersRemoved"),
        channel_data={"eventType": text(data, "eventType"), "channel": {"id": _channel_of(activity)}},
    )


def _members(fields: Payload, name: str) -> list[Any]:
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
    """Build the removal of everything in the conversation: a chat, or a whole team."""
    return Removal(activity.scope, activity.conversation, activity.account, _team_of(activity))


def _team_of(activity: Activity) -> str:
    return text(inner(inner(activity.fields, "channelData"), "team"), "id")


def _channel_of(activity: Activity) -> str:
    """Return the channel that the activity names, else the one of the installation's thread."""
    data = inner(activity.fields, "channelData")
    selected = inner(inner(data, "settings"), "selectedChannel")
    named = text(inner(data, "channel"), "id") or text(selected, "id")
    if named or activity.scope is not Scope.CHANNEL:
        return named
    return activity.conversation.split(";", 1)[0]
