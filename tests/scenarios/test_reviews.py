"""The review after an emergency: who may close it, what an overdue review does, and where it is shown."""

import pytest

from approvals.audit import Kind
from approvals.emergency import Finding
from approvals.request import Decision, Request
from cards.actions import Button, Verb, fingerprint_of
from simulator.portal import ExecutedAtOnce
from simulator.teams.places import Message
from simulator.tenant import Tenant
from tests.office import Office, day_with, text_of, verbs_of
from tests.scenarios.test_break_glass import in_native_group, now, wipe_waits

FOUND = "The device was stolen, the police report is attached to the ticket"
NIGHT = day_with(night=True, prepare=in_native_group)
REVIEWERS = day_with(
    night=True,
    prepare=in_native_group,
    emergency={
        "groups": ["IT-Directors"],
        "reviewGroups": ["IT-Directors", "MAA-Admins", "Device-Managers"],
        "custodians": {"emergency-admin-1@company.onmicrosoft.com": ["marc@company.onmicrosoft.com"]},
    },
)


async def broken(day: Office, by: str = "ivan", **more: str) -> Request:
    """Let this person use break-glass on a wipe. Return the request."""
    request = await wipe_waits(day)
    await day.break_glass(by, request.id, **more)
    return await now(day)


async def close(day: Office, name: str, on: Message, finding: str = "justified", text: str = FOUND) -> str:
    """Close the review as this person. Return the text of the card that they have afterwards."""
    step = await day.click(name, "review", on)
    if finding not in verbs_of(step.card):
        return text_of(step.card)
    return text_of((await day.client(name).click(on, finding, {"text": text}, force=True)).card)


async def by_hand(day: Office, name: str, on: Message, request: Request) -> None:
    """Close the review with a hand-made click that no card of this person holds."""
    data = Button(Verb.JUSTIFIED, request.id, fingerprint_of(request)).data() | {"text": FOUND}
    action = {"type": "Action.Execute", "verb": "justified", "data": data}
    await day.client(name).invoke(on, action, "manual")
    await day.work()


@NIGHT
async def test_somebody_else_closes_it(day: Office) -> None:
    """A person without a part in the emergency can close the review. The card, the thread and the audit say so."""
    await broken(day)
    [card] = day.reviews()
    for told in ("Ivan Ilic broke the glass", "airport", "Review by", "Requested by Rita Rossi", "0 of 1 approval"):
        assert told in text_of(card.card)

    await close(day, "dana", card)
    await day.work()
    after = await now(day) if await day.bot.store.requests.open_ids() else None
    assert after is None or after.review is None or not after.review.is_open
    assert "Review closed: justified" in text_of(card.card)
    assert FOUND in text_of(card.card)
    assert any("Reviewed by Dana Diaz: justified" in line for line in day.replies(card))
    [entry] = await day.audit(Kind.REVIEW_CLOSED)
    assert (entry.name, entry.after, entry.why) == ("Dana Diaz", Finding.JUSTIFIED, FOUND)


@REVIEWERS
async def test_who_had_a_part_cannot_close_it(day: Office) -> None:
    """The invoker cannot close the review, even as a configured reviewer, neither by card nor by a hand-made click."""
    request = await broken(day)
    [card] = day.reviews()

    assert "You had a part in this emergency" in await close(day, "ivan", card)
    await by_hand(day, "ivan", card, request)
    assert (await now(day)).review == request.review
    assert len(await day.audit(Kind.REFUSED)) == 1


@REVIEWERS
async def test_a_custodian_cannot_close_it(day: Office) -> None:
    """A custodian of the shared account cannot close the review."""
    request = await broken(day, "emergency-admin-1", acting=day.tenant.world.user("marc").id)
    [card] = day.reviews()
    assert request.decision is Decision.BROKEN_GLASS

    assert "You had a part in this emergency" in await close(day, "marc", card)
    await by_hand(day, "marc", card, request)
    assert (await now(day)).review == request.review


@REVIEWERS
async def test_the_one_who_asked_cannot_close_it(day: Office) -> None:
    """The requestor cannot close the review."""
    request = await wipe_waits(day, by="dana")
    await day.break_glass("ivan", request.id)
    request = await now(day)
    [card] = day.reviews()

    assert "You asked for this operation" in await close(day, "dana", card)
    await by_hand(day, "dana", card, request)
    assert (await now(day)).review == request.review


@day_with(night=True, asking=True, prepare=in_native_group)
async def test_the_initiator_cannot_close_it(day: Office) -> None:
    """The initiator of an order in chat cannot close its review."""
    await day.ask("petra", "/wipe PC-1", typed="PC-1")
    await day.break_glass("ivan", await day.request_id())
    request = await now(day)
    [card] = day.reviews()

    assert "You asked for this operation" in await close(day, "petra", card)
    await by_hand(day, "petra", card, request)
    assert (await now(day)).review == request.review


@NIGHT
async def test_who_is_no_reviewer(day: Office) -> None:
    """A person who is no reviewer cannot close the review, and reads who can."""
    request = await broken(day)
    [card] = day.reviews()
    assert "Only members of Device-Managers or Security-Team can close this review" in await close(day, "otto", card)
    await by_hand(day, "otto", card, request)
    assert (await now(day)).review == request.review


@NIGHT
@pytest.mark.parametrize("text", ["", "ok", "   fine   "])
async def test_a_finding_that_says_nothing(day: Office, text: str) -> None:
    """A finding that is too short is refused."""
    request = await broken(day)
    [card] = day.reviews()
    assert "at least 20 characters" in await close(day, "dana", card, text=text)
    assert (await now(day)).review == request.review


@NIGHT
async def test_not_justified(day: Office) -> None:
    """The card shows the finding "not justified"."""
    await broken(day)
    [card] = day.reviews()
    await close(day, "sam", card, "not-justified")
    await day.work()
    assert "Review closed: not justified" in text_of(card.card)


@NIGHT
async def test_it_is_asked_for_until_it_is_closed(day: Office) -> None:
    """People are reminded of an open review every day. When it is overdue, there are alarms by mail and in the
    operations channel."""
    await broken(day)
    [card] = day.reviews()
    for _ in range(4):
        await day.pass_time(hours=24)
        await day.pass_time(minutes=5)
    assert sum("needs a review by" in line for line in day.replies(card)) == 2
    assert sum("is overdue since" in line for line in day.replies(card)) == 2
    assert sum("review of this emergency is overdue" in line for line in day.alarms()) == 2
    assert "Overdue emergency review: Wipe PC-1" in day.mail_to("dana")
    assert "Review overdue" in text_of(card.card)

    await close(day, "dana", card)
    await day.work()
    told = len(day.replies(card))
    await day.pass_time(days=3)
    assert len(day.replies(card)) == told


@NIGHT
async def test_an_overdue_review_locks(day: Office) -> None:
    """While the invoker's review is overdue, they can only call for a second person. After it is closed, they can
    decide again."""
    first = await broken(day)
    day.tenant.portal.complete("rita", first.intune_id or "")
    await day.pass_time(hours=73)
    await day.poll()
    day.tenant.portal.file_wipe("rita", "PC-2", "Stolen as well")
    await day.poll()
    second = await now(day)
    await day.break_glass("ivan", second.id, name="PC-2")
    assert (await now(day)).needs_one
    assert (await now(day)).decision is Decision.OPEN
    [entry] = [entry for entry in await day.audit(Kind.GLASS_BROKEN) if "locked" in entry.evidence]
    assert entry.request_id == second.id

    listed = text_of((await day.say("dana", "/reviews"))[0].card)
    assert "Overdue since" in listed
    assert "Only approvers" in (await day.say("otto", "/reviews"))[0].text
    await close(day, "dana", day.reviews()[0])
    await day.work()
    day.tenant.portal.file_wipe("rita", "MAC-3", "And this one")
    await day.poll()
    await day.break_glass("ivan", (await now(day)).id, name="MAC-3")
    assert (await now(day)).decision is Decision.BROKEN_GLASS


def unguarded(tenant: Tenant) -> None:
    """Remove the access policy for wipes, so that Intune holds none back."""
    in_native_group(tenant)
    for key in [key for key, one in tenant.world.policies.items() if one.policy_type == "deviceWipe"]:
        del tenant.world.policies[key]


@day_with(night=True, prepare=unguarded)
async def test_an_emergency_account_that_acts_past_every_request(day: Office) -> None:
    """A direct action of an emergency account is found once in Intune's audit, raises one alarm, and is reviewed;
    custodians cannot close that review."""
    with pytest.raises(ExecutedAtOnce):
        day.tenant.portal.file_wipe("emergency-admin-1", "PC-1", "No time")
    await day.bot.journeys.direct_actions.look()
    await day.bot.journeys.direct_actions.look()
    await day.work()

    [card] = day.reviews("Operations")
    assert "Emergency Admin 1 did this in Intune itself, not through Countersign." in text_of(card.card)
    assert "PC-1" in text_of(card.card)
    assert len([line for line in day.alarms() if "did this in Intune itself" in line]) == 1
    assert "You had a part in this emergency" in await close(day, "marc", card)
    await close(day, "dana", card)
    assert "Review closed: justified" in text_of(day.client("dana").card(card))
    await day.bot.journeys.direct_actions.look()
    await day.work()
    assert len(day.reviews("Operations")) == 1


@NIGHT
async def test_what_a_request_tells_of_is_reviewed_with_it(day: Office) -> None:
    """A request of an emergency account gets one review, and its completion is not reviewed a second time as a direct
    action."""
    filed = day.tenant.portal.file_wipe("emergency-admin-2", "PC-1", "No time to explain")
    await day.bot.journeys.direct_actions.look()
    await day.poll()
    day.tenant.portal.approve("sam", filed)
    day.tenant.portal.complete("emergency-admin-2", filed)
    await day.pass_time(minutes=1)
    await day.poll()
    await day.bot.journeys.direct_actions.look()
    assert len(await day.audit(Kind.REVIEW_OPENED)) == 1
