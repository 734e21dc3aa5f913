"""A guarded order needs one more person, who does not also fill a seat of the usual workflow."""

from dataclasses import replace

from approvals.request import Decision
from cards.words import approvers
from tests.office import Office, day_with, rewired, sign_in_link, text_of

SAME_PEOPLE = {"approverGroups": ["Device-Managers"], "protectedGroups": ["Executives"]}
DIRECTORS = {"approverGroups": ["IT-Directors"], "protectedGroups": ["Executives"]}


async def ask_for_the_phone(day: Office) -> str:
    """Request the protected phone as Otto. Return the id of his request."""
    [draft] = await day.say("otto", "/retire PHONE-4")
    await day.client("otto").click(draft, "ask", {"reason": "Left the company"})
    await day.work()
    return await day.request_id()


@day_with(asking=True, guard=SAME_PEOPLE)
async def test_one_person_does_not_fill_the_guards_seat_as_well(day: Office) -> None:
    """Dana is in a group of both workflows, but her approval fills only one seat, so another person is needed."""
    request_id = await ask_for_the_phone(day)
    answer = await day.approve("dana", day.card())
    assert "Sign in" not in text_of(answer.card)
    await day.pass_time(minutes=1)
    request = await day.bot.store.requests.load(request_id)
    assert request is not None
    assert request.decision is Decision.OPEN
    assert approvers(request) == "1 person: Device-Managers or Security-Team; 1 more person: Device-Managers"
    assert "Guarded orders: 0 of 1 approval" in text_of(day.card().card)
    assert "One more person is needed" in day.replies(day.card())[-1]

    answer = await day.approve("sam", day.card())
    await day.sign_in("sam", sign_in_link(answer))
    assert [one.details["payloadName"] for one in day.tenant.graph.requests()] == ["PHONE-4"]


@day_with(asking=True, guard=DIRECTORS)
async def test_the_guards_approvers_are_approvers(day: Office) -> None:
    """A guard's approver who is in no usual workflow still sees the orders that wait for them."""
    await ask_for_the_phone(day)
    [waiting] = await day.say("ivan", "/pending")
    assert "Retire PHONE-4" in text_of(waiting.card)
    [asked] = await day.say("dana", "/whocan guarded")
    assert "by somebody else" in text_of(asked.card)


@day_with(asking=True, guard={**DIRECTORS, "approverGroups": ["IT-Directors", "Security-Team"]}, decisions="track")
async def test_a_group_that_the_guard_has_lost_has_no_say_any_more(day: Office) -> None:
    """A group that the configuration removes from the guard has no say any more, even for an order that waits."""
    request_id = await ask_for_the_phone(day)
    for name in ("dana", "ivan"):
        await day.approve(name, day.card())
    ports = day.bot.adapters
    assert ports.book.guard is not None
    stricter = replace(ports.book.guard.workflow, groups=ports.book.rules[0].workflow.groups)
    guard = replace(ports.book.guard, workflow=stricter)
    await rewired(day.bot, book=replace(ports.book, guard=guard, digest="another")).journeys.poll.poll()
    request = await ports.requests.load(request_id)
    assert request is not None
    [usual, on_top] = request.workflows
    assert (usual.operation, on_top.on_top) == ("Device wipe", True)
    assert [group.name for group in on_top.groups] == ["IT-Directors"]


@day_with(asking=True, night=True, guard=SAME_PEOPLE)
async def test_coverage_counts_the_guards_person_on_top(day: Office) -> None:
    """Coverage counts the guard's person in addition: one available approver covers a wipe, but not a guarded one."""
    for name in ("ritaadmin", "noa", "sam", "petra"):
        day.tenant.world.user(name).availability = "Offline"
    await day.bot.journeys.covering.watch()
    assert any(
        "Device wipe, guarded: Too few approvers are available now: 1 of the 2 needed." in line for line in day.alarms()
    )
    assert not any("Device wipe: Too few" in line for line in day.alarms())


@day_with(asking=True, night=True, guard=DIRECTORS)
async def test_a_guard_that_one_person_fills_alone_is_a_gap(day: Office) -> None:
    """If one person is the only one in a guard's group, coverage reports a gap: nobody could approve what that person
    requests."""
    await day.bot.journeys.covering.watch()
    assert any(
        "Device wipe, guarded: Too few approvers: nobody may be left in IT-Directors" in line for line in day.alarms()
    )
