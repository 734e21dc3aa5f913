"""The bot is killed at every kind of moment, and another bot takes over: nothing is lost, and Intune is told once."""

from pathlib import Path

import pytest

from approvals.request import Decision, Verdict
from tests.extent import cases
from tests.office import sign_in_link, text_of, verbs_of
from tests.scenarios.killing import Moment
from tests.scenarios.mortal_story import CHANNELS, Step, Story, mortal_story
from tests.scenarios.nursery import Nursery

APPROVAL: list[Step] = [
    ("poll", Story.poll),
    ("post", Story.work),
    ("first vote", lambda story: story.vote("alex", Verdict.APPROVE)),
    ("refresh", Story.work),
    ("deciding vote", lambda story: story.vote("cora", Verdict.APPROVE)),
    ("refresh decided", Story.work),
    ("carry", lambda story: story.sign_in("cora")),
    ("refresh carried", Story.work),
    ("follow", Story.complete),
    ("refresh completed", Story.work),
]

CUT_POSTS = [
    Moment("post", "teams answered", "POST"),
    Moment("post", "redis asked", "save_copy", 2),
    Moment("post", "teams answered", "POST", 2),
]
"""Moments after which a card is posted and the bot does not know it."""

MOMENTS = [
    Moment("poll", "redis answered", "lead"),
    Moment("poll", "graph asked", "operationApprovalRequests"),
    Moment("poll", "graph answered", "operationApprovalRequests"),
    Moment("poll", "redis asked", "commit"),
    Moment("poll", "redis answered", "commit"),
    Moment("poll", "graph asked", "operationApprovalRequests", 2),
    Moment("poll", "redis answered", "commit", 2),
    Moment("poll", "redis asked", "watermark"),
    Moment("poll", "redis answered", "watermark"),
    Moment("post", "redis answered", "lease"),
    Moment("post", "redis answered", "save_copy"),
    Moment("post", "teams asked", "POST"),
    *CUT_POSTS,
    Moment("post", "redis answered", "save_copy", 2),
    Moment("post", "teams asked", "POST", 2),
    Moment("post", "redis asked", "finish"),
    Moment("post", "redis answered", "finish"),
    Moment("first vote", "graph answered", "memberOf"),
    Moment("first vote", "redis asked", "commit"),
    Moment("first vote", "redis answered", "commit"),
    Moment("refresh", "redis answered", "lease"),
    Moment("refresh", "teams asked", "PUT"),
    Moment("refresh", "teams answered", "PUT"),
    Moment("refresh", "teams answered", "PUT", 2),
    Moment("refresh", "teams answered", "POST"),
    Moment("refresh", "redis asked", "finish"),
    Moment("deciding vote", "redis asked", "commit"),
    Moment("deciding vote", "redis answered", "commit"),
    Moment("deciding vote", "redis answered", "set"),
    Moment("refresh decided", "teams asked", "PUT"),
    Moment("refresh decided", "teams answered", "PUT"),
    Moment("refresh decided", "redis asked", "finish"),
    Moment("carry", "entra asked", "token"),
    Moment("carry", "entra answered", "token"),
    Moment("carry", "redis answered", "consume"),
    Moment("carry", "graph answered", "operationApprovalRequests"),
    Moment("carry", "redis asked", "commit"),
    Moment("carry", "redis answered", "commit"),
    Moment("carry", "graph asked", "approve"),
    Moment("carry", "graph answered", "approve"),
    Moment("carry", "redis asked", "commit", 2),
    Moment("carry", "redis answered", "commit", 2),
    Moment("refresh carried", "teams asked", "PUT"),
    Moment("refresh carried", "teams answered", "PUT"),
    Moment("refresh carried", "redis asked", "finish"),
    Moment("follow", "graph answered", "operationApprovalRequests"),
    Moment("follow", "redis asked", "commit"),
    Moment("follow", "redis answered", "commit"),
    Moment("refresh completed", "teams answered", "PUT"),
    Moment("refresh completed", "redis asked", "finish"),
]

ALWAYS = [
    Moment("poll", "redis answered", "lead"),
    Moment("poll", "graph asked", "operationApprovalRequests", 2),
    Moment("poll", "redis asked", "watermark"),
    Moment("poll", "redis answered", "watermark"),
    Moment("post", "redis answered", "lease"),
    Moment("post", "teams asked", "POST", 2),
    *CUT_POSTS[:2],
    Moment("post", "redis answered", "save_copy"),
    Moment("post", "redis asked", "finish"),
    Moment("post", "redis answered", "finish"),
    Moment("first vote", "graph answered", "memberOf"),
    Moment("first vote", "redis answered", "commit"),
    Moment("refresh", "teams answered", "PUT"),
    Moment("deciding vote", "redis answered", "set"),
    Moment("refresh decided", "teams asked", "PUT"),
    Moment("carry", "entra asked", "token"),
    Moment("carry", "entra answered", "token"),
    Moment("carry", "redis answered", "consume"),
    Moment("carry", "graph asked", "approve"),
    Moment("carry", "graph answered", "approve"),
    Moment("carry", "redis asked", "commit", 2),
    Moment("follow", "graph answered", "operationApprovalRequests"),
]
"""One moment of each kind in this story. The others run with `--all`."""


@pytest.mark.parametrize("moment", cases(MOMENTS, ALWAYS))
async def test_killed(moment: Moment, nursery: Nursery, tmp_path: Path) -> None:
    """Wherever the bot is killed, no vote is lost, Intune is told once, cards are true, every effect is done, and the
    request is completed."""
    async with mortal_story(moment, nursery, tmp_path) as story:
        await story.tell(APPROVAL)
        await story.take_over()

        await story.check()
        strays = await story.strays()
        assert len(strays) == (moment in CUT_POSTS)
        for stray in strays:
            await story.adopt(stray)
        await _to_the_end(story)
        await story.check_nothing_is_left()


async def _to_the_end(story: Story) -> None:
    """Give the missing votes, finish what has not reached Intune, and complete the request."""
    day, filed = story.day, story.filed
    for name in ("alex", "cora"):
        request = await story.request()
        voted = {vote.voter.name.split()[0].lower() for vote in request.votes}
        if request.decision is Decision.OPEN and name not in voted:
            await day.press(name, "approve", day.card().card, day.card())
            await day.click(name, "confirm-approve", day.card(), "seen")
    if day.tenant.graph.request(filed).status == "needsApproval":
        answer = await day.click("cora", "finish", day.card())
        assert "Intune has been told" in await day.sign_in("cora", sign_in_link(answer))
    if day.tenant.graph.request(filed).status == "approved":
        day.tenant.portal.complete("petra", filed)
    await day.pass_time(minutes=1)
    await day.poll()
    assert len(day.tenant.graph.decisions(filed)) == 1
    for name in CHANNELS:
        for message in day.requests(name):
            assert "Completed" in text_of(message.card)
            assert verbs_of(message.card) == ["details"]
