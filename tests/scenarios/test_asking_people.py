"""Requests in chat as people make them: with wrong names, second thoughts, in the wrong place, or too often."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.asking import DRAFT_TIME
from approvals.audit import Kind
from approvals.drafts import DRAFT_OVER, NOT_YOURS
from cards.actions import Verb
from cards.refusals import refusal_sentence
from handlers.answers.questions import NO_SUCH_REQUEST
from handlers.ordering import asking
from handlers.ordering.opening import CHANGED
from simulator.teams.buttons import actions
from simulator.teams.places import Message
from tests.office import Office, day_with, rewired, sign_in_link, text_of, verbs_of

ASKING = day_with(asking=True)
GUARDED = {"approverGroups": ["IT-Directors"], "mostByOne": 1, "protectedGroups": ["Executives"]}
WHY = {"reason": "Stolen on the train", "name": "PC-1"}


def only(messages: list[Message]) -> str:
    """Return the text of the one answer."""
    [message] = messages
    return message.text or text_of(message.card)


async def open_orders(day: Office) -> int:
    """Return the number of requests that are not over."""
    return len(await day.bot.store.requests.open_ids())


@ASKING
async def test_who_is_in_no_requester_group(day: Office) -> None:
    """A person in no requester group is told which group may ask."""
    assert "Only members of Service-Desk may ask for Device wipe" in only(await day.say("dana", "/wipe PC-1"))


async def test_nobody_may_ask_by_default(day: Office) -> None:
    """Nobody may ask until the configuration names requester groups."""
    assert "names no requester groups" in only(await day.say("rita", "/wipe PC-1"))


@day_with(asking=True, switched_off=("Device wipe",))
async def test_what_nobody_could_approve_here(day: Office) -> None:
    """An operation that nobody could approve here is not requested at all: it would only wait until it expires."""
    assert "Nobody approves Device wipe here" in only(await day.say("rita", "/wipe PC-1"))
    assert await open_orders(day) == 0


@ASKING
async def test_nothing_and_several_match(day: Office) -> None:
    """A name that no device has is refused. A name that two devices share leads to a choice, and then to the
    confirmation."""
    assert 'no device \\"PC-9\\"' in only(await day.say("rita", "/wipe PC-9")).replace("\\\\", "")
    [chooser] = await day.say("rita", "/wipe laptop-7")
    assert "SN-1007" in text_of(chooser.card)
    assert "SN-2007" in text_of(chooser.card)
    second = next(one["id"] for one in day.tenant.world.devices.values() if one["serialNumber"] == "SN-2007")
    answer = await day.client("rita").click(chooser, "choose", {"choice": second})
    assert "SN-2007" in text_of(answer.card)
    assert "SN-1007" not in text_of(answer.card)


@ASKING
async def test_a_device_is_found_by_serial_number_and_user(day: Office) -> None:
    """A device is found by name, serial number and user, without regard to case."""
    for words in ("SN-1001", "rita@company.onmicrosoft.com", "pc-1"):
        assert "Wipe PC-1" in only(await day.say("rita", f"/wipe {words}")), words


@ASKING
async def test_hostile_words_find_nothing(day: Office) -> None:
    """Hostile search words find no device, although an empty or always-true filter would return every device."""
    for words in ("' or 1 eq 1", "x' or startswith(deviceName,'PC')", "%", "*", "PC-1&$top=5"):
        assert "There is no device" in only(await day.say("rita", f'/wipe "{words}"')), words


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"reason": "Stolen on the train", "name": "PC-2"}, "not the name of what this is about"),
        ({"reason": "short", "name": "PC-1"}, "at least 10 characters"),
        ({"reason": "aaaaaaaaaaaa", "name": "PC-1"}, "at least 10 characters"),
        ({"reason": "ab" * 401, "name": "PC-1"}, "at most 800"),
    ],
)
@ASKING
async def test_what_is_filled_in_wrongly(day: Office, inputs: dict[str, str], sentence: str) -> None:
    """A wrong entry is named on the card, and nothing is requested. The person can correct it and go on."""
    [card] = await day.say("rita", "/wipe PC-1")
    answer = await day.client("rita").click(card, "ask", inputs, force=True)
    assert sentence in text_of(answer.card)
    assert await open_orders(day) == 0
    await day.client("rita").click(card, "ask", WHY)
    assert await open_orders(day) == 1


@ASKING
async def test_a_draft_serves_once_and_its_author_alone(day: Office) -> None:
    """A draft makes one request at most, and only for its author and only in time."""
    [card] = await day.say("rita", "/wipe PC-1")
    pressed = next(action for action in actions(card.card or {}) if action["verb"] == "ask")
    pressed["data"] |= WHY
    other = await day.client("otto").invoke(card, pressed, "manual")
    assert refusal_sentence(NOT_YOURS) in text_of(other.card)
    await day.client("rita").invoke(card, pressed, "manual")
    again = await day.client("rita").invoke(card, pressed, "manual")
    assert "Asked for approval" in text_of(again.card)
    assert await open_orders(day) == 1

    [late] = await day.say("rita", "/wipe PC-2")
    day.tenant.clock.advance(DRAFT_TIME)
    answer = await day.client("rita").click(late, "ask", {"reason": "Stolen on the train", "name": "PC-2"})
    assert refusal_sentence(DRAFT_OVER) in text_of(answer.card)
    assert await open_orders(day) == 1


@ASKING
async def test_nobody_signs_in_for_what_somebody_else_has_typed(day: Office) -> None:
    """Otto cannot request what Rita has typed, even with a sign-in page of his own for her draft."""
    [card] = await day.say("rita", "wipe PC-1", "Approvals", slash=True)
    answer = await day.client("rita").click(card, "ask", {"reason": "Stolen on the train", "name": "PC-1"})
    [typed, *_] = [action["data"]["request"] for action in actions(answer.card or {}) if "data" in action]
    sign_in = day.bot.adapters.sign_in
    assert sign_in is not None
    page = await sign_in.page_for(typed, day.tenant.world.user("otto").id, Verb.ASK)

    assert refusal_sentence(DRAFT_OVER) in await day.sign_in("otto", page)
    assert await open_orders(day) == 0
    assert "Asked for approval" in await day.sign_in("rita", sign_in_link(answer))
    [asked] = await day.audit(Kind.ASKED)
    assert asked.name == "Rita Rossi"


@ASKING
async def test_never_mind(day: Office) -> None:
    """A draft that was dropped cannot be confirmed any more."""
    [card] = await day.say("rita", "/wipe PC-1")
    pressed = next(action for action in actions(card.card or {}) if action["verb"] == "ask")
    assert asking.DROPPED in text_of((await day.client("rita").click(card, "drop")).card)
    pressed["data"] |= WHY
    assert refusal_sentence(DRAFT_OVER) in text_of((await day.client("rita").invoke(card, pressed, "manual")).card)


@ASKING
async def test_the_device_changes_while_somebody_thinks(day: Office) -> None:
    """If the device has changed since it was shown, it is shown again, and nothing is requested."""
    [card] = await day.say("rita", "/wipe PC-1")
    day.tenant.world.device("PC-1")["serialNumber"] = "SN-9999"
    answer = await day.client("rita").click(card, "ask", WHY)
    assert CHANGED in text_of(answer.card)
    assert "SN-9999" in text_of(answer.card)
    assert await open_orders(day) == 0
    await day.client("rita").click(card, "ask", WHY)
    assert await open_orders(day) == 1


@ASKING
async def test_one_order_for_each_device(day: Office) -> None:
    """A device with an open request gets no second one. The answer names the open request."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    [request_id] = await day.bot.store.requests.open_ids()
    assert request_id in only(await day.say("otto", "/retire PC-1"))

    filed = day.tenant.portal.file_wipe("petra", "PC-2", "From the portal")
    await day.poll()
    assert "requested by Petra Peters" in only(await day.say("rita", "/wipe PC-2"))
    assert day.tenant.graph.request(filed).status == "needsApproval"


@ASKING
async def test_in_a_channel_nobody_else_sees_it(day: Office) -> None:
    """In a channel only the author sees the draft. After signing in on the page, it becomes a request, and the author
    gets the status card."""
    await day.install_for("rita")
    [card] = await day.say("rita", "wipe PC-1", "Approvals", slash=True)
    assert card.only_for == day.tenant.world.user("rita").mri
    assert day.requests() == []
    answer = await day.client("rita").click(card, "ask", WHY)
    assert "Please sign in" in text_of(answer.card)
    assert await open_orders(day) == 0
    page = await day.sign_in("rita", sign_in_link(answer))
    assert "Asked for approval: Wipe PC-1" in page
    assert len(day.requests()) == 1
    assert "Waiting for approval" in text_of(day.chat("rita").messages[-1].card)


@ASKING
async def test_another_person_signs_in_on_the_page(day: Office) -> None:
    """If another person signs in on the page, nothing is requested."""
    [card] = await day.say("rita", "wipe PC-1", "Approvals", slash=True)
    answer = await day.client("rita").click(card, "ask", WHY)
    await day.sign_in("otto", sign_in_link(answer))
    assert await open_orders(day) == 0


@ASKING
async def test_going_on_in_the_chat(day: Office) -> None:
    """The author can continue the draft of a channel in their 1:1 chat, where Teams signs people in by itself."""
    await day.install_for("rita")
    [card] = await day.say("rita", "wipe PC-1 --reason 'Stolen on the train'", "Approvals", slash=True)
    await day.client("rita").click(card, "ask", WHY)
    await day.client("rita").click(card, "continue")
    private = day.chat("rita").messages[-1]
    await day.client("rita").click(private, "ask", WHY)
    await day.work()
    assert await open_orders(day) == 1
    assert len(day.requests()) == 1


@ASKING
async def test_a_mention_in_a_channel_is_answered_privately(day: Office) -> None:
    """A command in a channel is answered privately, even a wrong one."""
    [answer] = await day.say("rita", "wip PC-1", "Approvals")
    assert answer.only_for
    assert "/wipe DEVICE" in answer.text


@ASKING
async def test_taking_it_back(day: Office) -> None:
    """The initiator can take a request back by button or by command; if Intune holds it, it is cancelled there as
    well."""
    status = await day.ask("rita", "/wipe PC-1", typed="PC-1")
    assert "cancel" in verbs_of(status.card)
    await day.click("rita", "cancel", status)
    assert "Cancelled" in text_of(day.card().card)
    assert verbs_of(day.card().card) == ["details"]

    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    await day.approve("dana", day.card())
    await day.pass_time(seconds=15)
    [filed] = day.tenant.graph.requests()
    [request_id] = await day.bot.store.requests.open_ids()
    assert NO_SUCH_REQUEST.format(request_id) in only(await day.say("otto", f"/cancel {request_id}"))
    assert "Cancelled: Wipe PC-1" in only(await day.say("rita", f"/cancel {request_id.lower()}"))
    assert filed.status == "cancelled"
    assert day.tenant.world.device("PC-1")["deviceActionResults"] == []
    assert "Cancelled" in text_of(day.card().card)


@ASKING
async def test_looking(day: Office) -> None:
    """Approvers see the requests of their workflows, and other people only their own."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    [request_id] = await day.bot.store.requests.open_ids()
    assert "Wipe PC-1" in only(await day.say("dana", "/pending"))
    assert "Wipe PC-1" not in only(await day.say("otto", "/pending"))
    assert "Wipe PC-1" in only(await day.say("rita", "/mine"))
    assert "Wipe PC-1" not in only(await day.say("dana", "/mine"))
    assert "approve" in verbs_of((await day.say("dana", f"/status {request_id}"))[0].card)
    assert NO_SUCH_REQUEST.format(request_id) in only(await day.say("otto", f"/status {request_id}"))
    assert "Dana Diaz" in only(await day.say("otto", "/whocan wipe"))
    assert "2 approvals" in only(await day.say("otto", "/whocan script"))
    assert "There is no operation" in only(await day.say("otto", "/whocan dance"))


@day_with(asking=True, guard=GUARDED)
async def test_more_than_usual_takes_more_people(day: Office) -> None:
    """A second order within an hour, and a protected target, need more people than usual."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    [guarded] = await day.say("rita", "/wipe PC-2")
    assert "more than 1 operations" in text_of(guarded.card)
    assert "IT-Directors" in text_of(guarded.card)
    [protected] = await day.say("otto", "/retire PHONE-4")
    assert "protected (Executives)" in text_of(protected.card).replace("\\\\", "")
    await day.client("otto").click(protected, "ask", {"reason": "Left the company"})
    await day.work()
    await day.approve("dana", day.card())
    await day.pass_time(minutes=1)
    assert day.tenant.graph.requests() == []
    answer = await day.approve("ivan", day.card())
    await day.sign_in("ivan", sign_in_link(answer))
    assert [one.details["payloadName"] for one in day.tenant.graph.requests()] == ["PHONE-4"]


@ASKING
async def test_urgent_and_expired(day: Office) -> None:
    """An urgent request expires after four hours, and the initiator is told."""
    status = await day.ask("rita", "/wipe PC-1 --urgent", typed="PC-1")
    assert "Urgent" in text_of(day.card().card)
    await day.pass_time(hours=4, minutes=1)
    assert "Expired" in text_of(status.card)
    assert "Expired" in day.told("rita")[-1]
    assert await open_orders(day) == 0


@ASKING
async def test_a_group_that_has_lost_its_say_decides_no_order_that_waits(day: Office) -> None:
    """A group that the configuration no longer names cannot decide an order that waits."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    ports = day.bot.adapters
    rules = [
        replace(rule, workflow=replace(rule.workflow, groups=rule.workflow.groups[1:])) for rule in ports.book.rules
    ]
    await rewired(day.bot, book=replace(ports.book, rules=tuple(rules), digest="another")).journeys.poll.poll()

    assert "Only members of Security-Team" in text_of((await day.approve("dana", day.card())).card)
    answer = await day.approve("sam", day.card())
    assert "Intune has been told" in await day.sign_in("sam", sign_in_link(answer))


@ASKING
async def test_who_filed_in_the_portal_is_reminded(day: Office) -> None:
    """A person who filed in the portal is reminded to complete twelve hours before Intune ends the request."""
    await day.install_for("rita")
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    await day.pass_time(hours=59)
    assert not [one for one in day.told("rita") if "or it ends there" in one]
    day.tenant.clock.advance(timedelta(hours=2))
    await day.work()
    assert [one for one in day.told("rita") if "or it ends there" in one]
    assert day.tenant.graph.request(filed).status == "approved"
