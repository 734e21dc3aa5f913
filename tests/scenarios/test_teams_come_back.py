"""A team is archived or deleted while requests wait, and comes back later."""

import pytest

from simulator.teams.activities import Named
from simulator.teams.places import Message
from tests.office import Office, text_of, verbs_of

APPROVALS = "Approvals"


def cards(day: Office, channel: str = APPROVALS) -> list[Message]:
    """Return the cards of the wipe in a channel."""
    messages = day.tenant.channels[channel].messages
    return [message for message in messages if "Wipe PC-1" in text_of(message.card)]


async def given_up(day: Office) -> list[str]:
    """Return the ids of the effects that were given up, as an operator sees them."""
    return [letter["id"] for letter in await day.bot.store.outbox.dead_letters()]


async def hours_pass(day: Office) -> None:
    """Let so much time pass that everything is given up."""
    for _ in range(20):
        await day.pass_time(minutes=6)


@pytest.mark.parametrize("named", Named)
@pytest.mark.parametrize("way", ["archived", "deleted"])
async def test_what_came_meanwhile_is_posted(day: Office, way: str, named: Named) -> None:
    """When a team comes back, waiting requests are posted once, and no effect stays given up."""
    marc, teams = day.tenant.world.user("marc"), day.tenant.teams
    away, back = {"archived": (teams.archive, teams.unarchive), "deleted": (teams.delete, teams.restore)}[way]
    await away("Operations", marc)
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    await hours_pass(day)
    assert (cards(day), [one for one in await given_up(day) if "PostCards" in one]) != ([], [])

    for _ in range(2):
        assert (await back("Operations", marc, named))[0] == 200
        await day.work()

    assert len(cards(day)) == 1
    assert await given_up(day) == []
    assert len([one for one in day.tenant.channels[APPROVALS].messages if "is here" in text_of(one.card)]) == 1


async def test_a_line_that_could_not_be_said(day: Office) -> None:
    """A line for the operations channel that was given up is said when the team comes back."""
    marc, teams = day.tenant.world.user("marc"), day.tenant.teams
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    await teams.archive("Operations", marc)
    await day.say("alex", "/pause something is wrong")
    await hours_pass(day)
    said = len(day.tenant.channels["Operations"].messages)
    assert any("SayPulled" in one for one in await given_up(day))

    await teams.unarchive("Operations", marc)
    await day.work()

    assert "something is wrong" in "".join(
        message.text for message in day.tenant.channels["Operations"].messages[said:]
    )
    assert await given_up(day) == []


async def test_another_team_is_left_alone(day: Office) -> None:
    """When another team comes back, what waits for this team stays given up."""
    marc, teams = day.tenant.world.user("marc"), day.tenant.teams
    elsewhere = day.tenant.connector.places.channel("General", team="Sales")
    await teams.install(elsewhere, marc)
    await teams.archive("Operations", marc)
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    await hours_pass(day)

    before = await given_up(day)
    await teams.unarchive("Sales", marc)
    await day.work()

    assert cards(day) == []
    assert sorted(await given_up(day)) == sorted(before)


@pytest.mark.parametrize("way", ["archived", "deleted"])
async def test_a_request_that_ends_meanwhile(day: Office, way: str) -> None:
    """A card of a request that ends while its team is away loses its buttons when the team comes back."""
    marc, teams = day.tenant.world.user("marc"), day.tenant.teams
    away, back = {"archived": (teams.archive, teams.unarchive), "deleted": (teams.delete, teams.restore)}[way]
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    await away("Operations", marc)
    day.tenant.portal.cancel("rita", filed)
    await day.poll()
    await hours_pass(day)
    assert "approve" in verbs_of(day.card().card)

    await back("Operations", marc)
    await day.work()

    assert [verbs_of(card.card).count("approve") for card in cards(day)] == [0]
