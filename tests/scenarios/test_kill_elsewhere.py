"""The bot is killed during a rejection, at a deadline, while adopting a stray card, or while losing a card."""

from datetime import timedelta
from pathlib import Path

import pytest

from approvals.request import Decision, Verdict
from simulator.teams.faults import Fault, Kind
from tests.extent import cases
from tests.office import sign_in_link, text_of, verbs_of
from tests.scenarios import test_asking_kill, test_kill
from tests.scenarios.killing import Moment
from tests.scenarios.mortal_story import CHANNELS, Step, Story, mortal_story
from tests.scenarios.nursery import Nursery

POSTED: list[Step] = [("poll", Story.poll), ("post", Story.work)]

APPROVED: list[Step] = [
    *POSTED,
    ("first vote", lambda story: story.vote("alex", Verdict.APPROVE)),
    ("deciding vote", lambda story: story.vote("cora", Verdict.APPROVE)),
    ("carry", lambda story: story.sign_in("cora")),
    ("refresh", Story.work),
]

OF_REJECTING = [
    Moment("vote", "redis asked", "commit"),
    Moment("vote", "redis answered", "commit"),
    Moment("refresh", "teams answered", "PUT"),
    Moment("refresh", "redis asked", "finish"),
    Moment("carry", "redis answered", "commit"),
    Moment("carry", "graph asked", "reject"),
    Moment("carry", "graph answered", "reject"),
]

OF_THE_DEADLINE = [
    Moment("deadline", "redis answered", "lease"),
    Moment("deadline", "redis asked", "commit"),
    Moment("deadline", "redis answered", "commit"),
    Moment("deadline", "teams asked", "PUT"),
    Moment("deadline", "teams answered", "PUT"),
]

OF_ADOPTING = [
    Moment("adopt", "redis answered", "hget"),
    Moment("adopt", "redis asked", "swap_copy"),
    Moment("adopt", "redis answered", "swap_copy"),
]

OF_LOSING = [
    Moment("refresh", "teams answered", "PUT", 2),
    Moment("refresh", "redis asked", "save_copy"),
    Moment("refresh", "redis answered", "save_copy"),
    Moment("refresh", "redis asked", "finish"),
]

ALWAYS = [
    Moment("carry", "graph asked", "reject"),
    Moment("carry", "graph answered", "reject"),
    Moment("deadline", "redis asked", "commit"),
    Moment("adopt", "redis answered", "hget"),
    Moment("adopt", "redis asked", "swap_copy"),
    Moment("refresh", "teams answered", "PUT", 2),
    Moment("refresh", "redis asked", "save_copy"),
]
"""Moments that no other story has, and one of each story here. The others run with `--all`."""

EVERY = OF_REJECTING + OF_THE_DEADLINE + OF_ADOPTING + OF_LOSING
OF_ALL_STORIES = (
    (ALWAYS, EVERY),
    (test_kill.ALWAYS, test_kill.MOMENTS),
    (test_asking_kill.ALWAYS, test_asking_kill.MOMENTS),
)


def test_no_kind_of_moment_is_extra() -> None:
    """An ordinary run kills the bot at every kind of moment that any story has."""
    told, known = set[str](), set[str]()
    for always, every in OF_ALL_STORIES:
        assert set(always) <= set(every)
        told |= {moment.kind for moment in always}
        known |= {moment.kind for moment in every}
    assert told == known


@pytest.mark.parametrize("moment", cases(OF_REJECTING, ALWAYS))
async def test_killed_while_rejecting(moment: Moment, nursery: Nursery, tmp_path: Path) -> None:
    """If the bot is killed during a rejection, the rejection is not lost, Intune is told once, and the person who
    rejected can finish it."""
    async with mortal_story(moment, nursery, tmp_path) as story:
        day = story.day
        await story.tell(
            [
                *POSTED,
                ("vote", lambda story: story.vote("alex", Verdict.REJECT)),
                ("refresh", Story.work),
                ("carry", lambda story: story.sign_in("alex")),
            ]
        )
        await story.take_over()

        await story.check()
        if (await story.request()).decision is Decision.OPEN:
            await day.press("alex", "reject", day.card().card, day.card())
            await day.click("alex", "confirm-reject", day.card(), "seen")
        if day.tenant.graph.request(story.filed).status == "needsApproval":
            answer = await day.click("alex", "finish", day.card())
            assert "Intune has been told" in await day.sign_in("alex", sign_in_link(answer))
        assert [decision.verdict for decision in day.tenant.graph.decisions(story.filed)] == ["reject"]
        await story.check()
        await story.check_nothing_is_left()


@pytest.mark.parametrize("moment", cases(OF_THE_DEADLINE, ALWAYS))
async def test_killed_at_the_deadline(moment: Moment, nursery: Nursery, tmp_path: Path) -> None:
    """If the bot is killed at the deadline, the request still expires, keeps its votes, and is followed until it ends
    in Intune."""

    async def deadline(story: Story) -> None:
        story.day.tenant.clock.advance(timedelta(hours=24))
        await story.work()

    async with mortal_story(moment, nursery, tmp_path) as story:
        await story.tell([*POSTED, ("vote", lambda story: story.vote("alex", Verdict.APPROVE)), ("deadline", deadline)])
        await story.take_over()

        await story.check()
        assert (await story.request()).decision is Decision.EXPIRED
        await story.day.pass_time(days=2)
        await story.day.poll()
        assert (await story.request()).ended_in_intune
        await story.check_nothing_is_left()


@pytest.mark.parametrize("moment", cases(OF_ADOPTING, ALWAYS))
async def test_killed_while_adopting(moment: Moment, nursery: Nursery, tmp_path: Path) -> None:
    """If the bot is killed while adopting a stray card, the card is adopted at the next click, even on a decided
    request."""
    async with mortal_story(moment, nursery, tmp_path) as story:
        day = story.day
        day.tenant.connector.faults.append(Fault(Kind.LOST_ANSWER, method="POST", path="/v3/conversations$"))

        async def post_again(story: Story) -> None:
            day.tenant.clock.advance(timedelta(seconds=10))
            await story.work()

        async def adopt(story: Story) -> None:
            [stray] = await story.strays()
            await day.client("alex").click(stray, "approve")

        await story.tell([*POSTED, ("post again", post_again), *APPROVED[2:], ("adopt", adopt)])
        stray = next(message for name in CHANNELS for message in day.requests(name))
        await story.take_over()
        await day.press("alex", "approve", stray.versions[0]["attachments"][0]["content"], stray)

        assert stray in await story.known_cards()
        await story.check()
        await story.check_nothing_is_left()


@pytest.mark.parametrize("moment", cases(OF_LOSING, ALWAYS))
async def test_killed_while_losing_a_card(moment: Moment, nursery: Nursery, tmp_path: Path) -> None:
    """If the bot is killed while losing a card, a deleted card of a waiting request is replaced once, and Operations
    hears of it."""

    async def delete(story: Story) -> None:
        story.day.card(CHANNELS[1]).deleted = True
        await story.work()
        story.day.tenant.clock.advance(timedelta(minutes=4))  # until then it may be found again
        await story.work()

    async with mortal_story(moment, nursery, tmp_path) as story:
        day = story.day
        await story.tell([*POSTED, ("vote", lambda story: story.vote("alex", Verdict.APPROVE)), ("refresh", delete)])
        await story.take_over()

        await story.check()
        [_, replaced] = day.requests(CHANNELS[1])
        assert "1 of 2 approvals" in text_of(replaced.card)
        assert any("posted again" in alarm for alarm in day.alarms())
        await story.check_nothing_is_left()


async def test_what_happened_while_nobody_looked(nursery: Nursery, tmp_path: Path) -> None:
    """A request that was filed and approved below quorum while the bot was dead raises an alarm when a bot takes
    over."""
    moment = Moment("next poll", "graph answered", "operationApprovalRequests")
    async with mortal_story(moment, nursery, tmp_path) as story:
        day = story.day
        await story.tell([*POSTED, ("next poll", Story.poll)])
        missed = day.tenant.portal.file_script("petra", "Disable-Firewall", "netsh off\n", "no reason")
        day.tenant.portal.approve("alex", missed)
        await story.take_over()

        [card] = [one for one in day.requests() if "Disable-Firewall" in text_of(one.card)]
        assert "below quorum" in text_of(card.card)
        assert "cancel-approval" in verbs_of(card.card)
        [alarm] = day.alarms()
        assert "Disable-Firewall" in alarm
