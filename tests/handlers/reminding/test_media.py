"""How gathered notices reach people: by mail, in a thread, or as an alarm."""

from dataclasses import replace
from datetime import timedelta

from approvals.effects import Deliver, Medium, Notice, NotificationKind
from cards import sentences
from handlers.ports.errors import Unsendable
from handlers.ports.teams import Mention
from tests.approvals.builders import ALEX, CORA, DANA
from tests.fakes.teams import chat_of
from tests.handlers.reminding.delivered import MINUTES, deliver, gather, two
from tests.handlers.stage import APPROVALS, OPERATIONS, Stage

# --- mail ---------------------------------------------------------------------------------------------------------


async def test_whoever_cannot_be_reached_in_chat_gets_mail(stage: Stage) -> None:
    """A person who cannot be reached in chat gets all their notices by mail, after two more minutes."""
    first, second = await two(stage)
    stage.chat.unreachable.add(chat_of("alex"))
    for request in (first, second):
        await gather(stage, Medium.CHAT, "alex", request)
    await deliver(stage, Medium.CHAT, "alex")
    assert stage.due_in(Deliver(Medium.MAIL, "alex")) == MINUTES

    await deliver(stage, Medium.MAIL, "alex")

    ((to, letter),) = stage.mail.sent
    assert (to, letter.subject) == ("alex@company.example", "2 Intune requests need you")


async def test_a_mail_leads_to_the_card_in_the_channel(stage: Stage) -> None:
    """A mail links to the card in the channel, because decisions are made only there."""
    first, _ = await two(stage)
    await gather(stage, Medium.MAIL, "alex", first)

    await deliver(stage, Medium.MAIL, "alex")

    (copy,) = await stage.journeys.attempts.living(first)
    assert stage.chat.link(copy) in stage.mail.sent[0][1].text


async def test_an_account_without_a_mailbox_is_written_to_by_a_linked_one(stage: Stage) -> None:
    """If an account has no mailbox, the mail goes to a linked account."""
    first, _ = await two(stage)
    stage.directory.add(replace(ALEX, account="alex-admin", accounts=frozenset({"alex", "alex-admin"})))
    stage.mail.without.add("alex-admin")
    await gather(stage, Medium.MAIL, "alex-admin", first)

    await deliver(stage, Medium.MAIL, "alex-admin")

    assert [to for to, _ in stage.mail.sent] == ["alex@company.example"]


async def test_whoever_has_no_mailbox_at_all_is_not_tried_again(stage: Stage) -> None:
    """If no account of a person has a mailbox, the notices are dropped."""
    first, _ = await two(stage)
    stage.mail.without.add("alex")
    await gather(stage, Medium.MAIL, "alex", first)

    await deliver(stage, Medium.MAIL, "alex")

    assert stage.mail.sent == []
    assert await stage.store.notices.waiting(Medium.MAIL, "alex") == ()


async def test_a_mail_that_can_never_be_sent_is_given_up(stage: Stage) -> None:
    """A mail that can never be sent is given up."""
    first, _ = await two(stage)
    stage.mail.troubles.refuses["send"] = Unsendable("the address is none")
    await gather(stage, Medium.MAIL, "alex", first)

    await deliver(stage, Medium.MAIL, "alex")

    assert await stage.store.notices.waiting(Medium.MAIL, "alex") == ()


async def test_without_mail_nothing_is_gathered_for_it() -> None:
    """If mail is not configured, nothing is gathered for it."""
    stage = Stage(mail=None)
    first, _ = await two(stage)
    await gather(stage, Medium.MAIL, "alex", first)

    assert stage.planned(Deliver) == []


# --- threads ------------------------------------------------------------------------------------------------------


def everybody_is_there(stage: Stage) -> None:
    """Put all approvers into the channel."""
    stage.chat.rosters[APPROVALS] = {one.account: Mention(f"29:{one.account}", one.name) for one in (ALEX, CORA, DANA)}


async def test_one_request_is_reminded_of_under_its_card(stage: Stage) -> None:
    """A reminder of one request is a line under its card that mentions available people who can help."""
    everybody_is_there(stage)
    stage.presence.absent = {"dana"}
    _, second = await two(stage)
    await gather(stage, Medium.THREAD, APPROVALS, second)

    await deliver(stage, Medium.THREAD, APPROVALS)

    (copy,) = await stage.journeys.attempts.living(second)
    (line,) = stage.chat.replies[copy.activity_id]
    assert line.text == sentences.reply(second, NotificationKind.WAITS)
    assert [mention.name for mention in line.mentions] == ["Alex", "Cora"]


async def test_several_requests_are_a_message_of_their_own_in_the_channel(stage: Stage) -> None:
    """A reminder of several requests is a message in the channel that mentions each person once."""
    everybody_is_there(stage)
    first, second = await two(stage)
    for request in (first, second):
        await gather(stage, Medium.THREAD, APPROVALS, request)

    await deliver(stage, Medium.THREAD, APPROVALS)

    assert stage.chat.lines(APPROVALS) == [sentences.list_of([first, second])]
    assert sorted(mention.name for mention in stage.chat.messages[-1].mentions) == ["Alex", "Cora", "Dana"]


# --- alarms of lost cards -----------------------------------------------------------------------------------------


async def test_the_first_alarm_is_told_at_once_and_what_follows_in_one_line(stage: Stage) -> None:
    """The first alarm of lost cards is told at once, and the following ones in one line after ten minutes."""
    first, second = await two(stage)
    third = await stage.taken_up(id="i8", target_id="d8", target="PC-8")
    await stage.journeys.gathering.gather_alarm(Notice(first.id, NotificationKind.COPY_LOST))
    effect = Deliver(Medium.ALARM, OPERATIONS)
    assert stage.due_in(effect) == 0
    await deliver(stage, Medium.ALARM, OPERATIONS)
    assert stage.due_in(effect) == 600

    for later in (second, third):
        stage.clock.advance(minutes=1)
        await stage.journeys.gathering.gather_alarm(Notice(later.id, NotificationKind.COPY_LOST))
    assert stage.due_in(effect) == 480
    stage.clock.advance(minutes=8)
    await deliver(stage, Medium.ALARM, OPERATIONS)

    one, two_more = stage.chat.lines(OPERATIONS)
    assert one == sentences.alarm(first, NotificationKind.COPY_LOST)
    assert two_more.startswith("Alarm: cards of 2 requests were deleted or can no longer be edited")


async def test_after_a_pause_without_losses_the_next_alarm_is_told_at_once(stage: Stage) -> None:
    """After a pause without lost cards, the next alarm is told at once again."""
    first, second = await two(stage)
    effect = Deliver(Medium.ALARM, OPERATIONS)
    await stage.journeys.gathering.gather_alarm(Notice(first.id, NotificationKind.COPY_LOST))
    await deliver(stage, Medium.ALARM, OPERATIONS)
    stage.forget_planned()
    stage.clock.time += timedelta(minutes=10)
    await deliver(stage, Medium.ALARM, OPERATIONS)
    assert stage.planned(Deliver) == []

    await stage.journeys.gathering.gather_alarm(Notice(second.id, NotificationKind.COPY_LOST))

    assert stage.due_in(effect) == 0


async def test_without_an_operations_channel_no_alarm_is_gathered() -> None:
    """Without an operations channel no alarm is gathered; it is only in the log."""
    stage = Stage(operations_channel="")
    first, _ = await two(stage)
    await stage.journeys.gathering.gather_alarm(Notice(first.id, NotificationKind.COPY_LOST))

    assert stage.planned(Deliver) == []
