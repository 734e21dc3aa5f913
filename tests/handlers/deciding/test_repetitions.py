"""A repeated click counts once; a different click with the same id is forged."""

import pytest

from cards.actions import Verb
from handlers.deciding.own_cards import FORGED, OTHER_CONFIG
from tests.approvals.builders import ALEX, CORA
from tests.handlers.clicking import click, scene, signed_in, words
from tests.handlers.deciding.voter import APPROVE, REJECT, approve, confirm
from tests.handlers.stage import Stage, script


@pytest.mark.parametrize("verb", [APPROVE, REJECT])
async def test_a_repetition_of_the_same_click_changes_nothing(stage: Stage, verb: Verb) -> None:
    """A repetition of the same click changes nothing, because Teams may deliver it twice."""
    request = await stage.taken_up(script())
    clicked = click(ALEX, verb, request, note="because")
    await confirm(stage, clicked)
    after, recorded, planned = stage.now_of(request), len(stage.audit), len(stage.store.outbox.work)

    await confirm(stage, clicked)

    assert (stage.now_of(request), len(stage.audit), len(stage.store.outbox.work)) == (after, recorded, planned)


async def test_a_repetition_counts_nothing_after_the_vote_was_withdrawn(stage: Stage) -> None:
    """A repetition of a click does not vote again after the vote was withdrawn."""
    request = await stage.taken_up(script())
    clicked = click(ALEX, APPROVE, request)
    await confirm(stage, clicked)
    await stage.journeys.ruled_clicks.act(await scene(stage, click(ALEX, Verb.WITHDRAW, request)), Verb.WITHDRAW)

    await confirm(stage, clicked)

    assert stage.now_of(request).votes == ()


async def test_a_click_of_somebody_else_under_a_known_id_is_forged(stage: Stage) -> None:
    """A click of another person with a known id is forged: they are told so, and it does not count."""
    request = await stage.taken_up(script())
    await confirm(stage, click(ALEX, APPROVE, request, id="click-of-alex"))
    after = stage.now_of(request)

    answer = await confirm(stage, click(CORA, APPROVE, after, id="click-of-alex"))

    assert FORGED in words(answer)
    assert stage.now_of(request) == after


async def test_a_forged_repetition_of_the_deciding_click_carries_nothing(stage: Stage) -> None:
    """A forged repetition of the deciding click carries nothing to Intune."""
    request = await stage.taken_up()
    await confirm(stage, click(ALEX, APPROVE, request, id="click-of-alex"))

    forged = click(ALEX, APPROVE, request, id="click-of-alex", digest="another body", **signed_in(ALEX))
    answer = await confirm(stage, forged)

    assert FORGED in words(answer)
    assert stage.intune.said == []


async def test_a_vote_under_another_configuration_is_not_counted(stage: Stage) -> None:
    """A vote under a replaced configuration is not counted; the person is told to try again."""
    request = await stage.taken_up(script())
    stage.store.supersede()

    answer = await approve(stage, ALEX, request)

    assert OTHER_CONFIG in words(answer)
    assert stage.now_of(request) == request
