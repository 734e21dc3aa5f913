"""A message to one person takes the first way that reaches them: in private, by a mention, or by mail."""

from dataclasses import replace

import pytest

from approvals.effects import Deliver, MailPerson, Medium, NotificationKind, TellPerson
from approvals.request import Request
from cards import sentences
from handlers.ports.errors import Throttled
from tests.approvals.builders import ALEX
from tests.fakes.intune import APPROVED
from tests.fakes.teams import chat_of
from tests.handlers.deciding.voter import approve
from tests.handlers.reminding.lines import in_channel, lines_of, mentioned, shown
from tests.handlers.stage import WIPES, Stage, script


async def tell(
    stage: Stage, request: Request, account: str = "rita", notification: NotificationKind = NotificationKind.REJECTED
) -> None:
    """Tell this person about the request."""
    await stage.journeys.thread.tell(request, TellPerson(request.id, notification, account))


async def test_a_person_is_told_in_private(stage: Stage) -> None:
    """A person is told in private, and nobody else reads it."""
    request = await shown(stage, await stage.taken_up())

    await tell(stage, request)

    assert stage.chat.told("rita") == [sentences.tell(request, NotificationKind.REJECTED)]
    assert lines_of(stage) == []


async def test_a_person_is_told_at_the_account_where_they_have_the_app(stage: Stage) -> None:
    """A person is told at the linked account that has the app."""
    request = await shown(stage, await stage.taken_up())
    stage.chat.unreachable.add(chat_of("rita"))

    await tell(stage, request)

    assert stage.chat.told("rita-admin") == [sentences.tell(request, NotificationKind.REJECTED)]


async def test_whoever_has_no_app_is_mentioned_under_the_card(stage: Stage) -> None:
    """A person without the app who is in the channel is mentioned under the card."""
    in_channel(stage, "rita-admin")
    stage.chat.unreachable |= {chat_of("rita"), chat_of("rita-admin")}
    request = await shown(stage, await stage.taken_up())

    await tell(stage, request)

    assert lines_of(stage) == [sentences.tell(request, NotificationKind.REJECTED)]
    assert mentioned(stage) == ["Rita-admin"]


async def test_whoever_asked_in_chat_has_no_app_any_more_and_is_in_no_channel_gets_mail(stage: Stage) -> None:
    """A person with neither the app nor a channel gets mail, although their old card is still in the chat."""
    request = await shown(stage, await stage.asked())
    assert stage.chat.cards(chat_of("rita"))
    stage.chat.unreachable |= {chat_of("rita"), chat_of("rita-admin")}

    await tell(stage, request)

    assert stage.planned(Deliver) == [Deliver(Medium.MAIL, "rita")]


async def test_whoever_is_in_no_channel_either_gets_mail(stage: Stage) -> None:
    """A person who is in no channel either gets mail."""
    stage.chat.unreachable |= {chat_of("rita"), chat_of("rita-admin")}
    request = await shown(stage, await stage.taken_up())

    await tell(stage, request)

    assert stage.planned(Deliver) == [Deliver(Medium.MAIL, "rita")]


async def test_where_teams_is_away_it_is_tried_again_and_nobody_is_told_elsewhere(stage: Stage) -> None:
    """If Teams is busy, the error is raised and tried again, and the person is not told elsewhere."""
    request = await shown(stage, await stage.taken_up())
    stage.chat.troubles.refuses["tell"] = Throttled("busy")

    with pytest.raises(Throttled):
        await tell(stage, request)

    assert stage.planned(Deliver) == []


async def test_a_voter_whose_vote_fell_is_told_at_their_own_accounts(stage: Stage) -> None:
    """A voter whose vote fell is told at a linked account, which the vote knows."""
    admin = stage.directory.add(
        replace(ALEX, account="alex-admin", accounts=frozenset({"alex", "alex-admin"})), WIPES.groups[0]
    )
    request = await stage.taken_up(script())
    await approve(stage, admin, request)
    stage.chat.unreachable.add(chat_of("alex-admin"))

    await tell(stage, stage.now_of(request), "alex-admin", NotificationKind.VOTES_VOID)

    assert len(stage.chat.told("alex")) == 1


async def test_nobody_is_reminded_to_complete_what_is_not_approved_any_more(stage: Stage) -> None:
    """Nobody is reminded to complete a request that is not approved in Intune."""
    request = await shown(stage, await stage.taken_up())
    await tell(stage, request, notification=NotificationKind.COMPLETE_SOON)
    assert stage.chat.told("rita") == []

    approved = await stage.taken_up(raw_status=APPROVED)
    await tell(stage, approved, notification=NotificationKind.COMPLETE_SOON)
    assert len(stage.chat.told("rita")) == 1


async def test_mail_is_gathered_with_whatever_else_waits(stage: Stage) -> None:
    """A mail is gathered with other notices for the same person."""
    request = await shown(stage, await stage.taken_up())

    await stage.journeys.thread.mail(request, MailPerson(request.id, NotificationKind.REJECTED, "rita"))

    assert stage.due_in(Deliver(Medium.MAIL, "rita")) == 120
