"""The target group of a script grows while the script waits for its approvals."""

import pytest

from approvals.audit import Kind
from cards import labels, reviewing
from simulator.teams.places import Message
from tests.office import Office, sign_in_link, text_of, verbs_of

BOARD, GROUP = "Change Advisory Board", "All-Windows-Laptops"


async def filed(day: Office) -> tuple[str, Message]:
    """File a script for the group. Return its Intune id and its card."""
    filed = day.tenant.portal.assign_script("rita", "Clear-TempFolders", GROUP, "Disk space")
    await day.poll()
    return filed, day.card(BOARD)


def grow(day: Office, people: int) -> None:
    """Add this many members to the group."""
    members = day.tenant.world.group(GROUP).members
    members |= {f"joined-{len(members) + number}" for number in range(people)}


async def minute_later(day: Office) -> None:
    """Let a minute pass, and poll."""
    await day.pass_time(minutes=1)
    await day.poll()


async def test_one_more_is_no_other_request(day: Office) -> None:
    """If one laptop joins between two votes, both votes count."""
    _, card = await filed(day)
    await day.approve("alex", card)

    grow(day, 1)
    await minute_later(day)

    assert "1 of 2 approvals" in text_of(card.card)
    await day.approve("cora", card)
    assert "Approved" in text_of(card.card)
    assert await day.audit(Kind.VOTES_VOID) == []


async def test_many_more_are(day: Office) -> None:
    """If many devices join, earlier votes are void, and everybody reads the old and the new number."""
    _, card = await filed(day)
    before = len(day.tenant.world.group(GROUP).members)
    await day.approve("alex", card)

    grow(day, 300)
    await minute_later(day)

    grew = f"{GROUP} grew from {before} to {before + 300} members"
    assert "0 of 2 approvals" in text_of(card.card)
    assert f"{grew}: earlier votes are void." in text_of(card.card)
    assert any(grew in line for line in day.replies(card))
    assert "changed in Intune" not in " ".join(day.replies(card))
    assert [entry.name for entry in await day.audit(Kind.VOTE_FELL)] == ["Alex Adler"]


async def test_after_the_decision_nothing_is_carried(day: Office) -> None:
    """If the group grows after the decision, nothing is carried until the group has its old size again."""
    intune_id, card = await filed(day)
    await day.approve("alex", card)
    answer = await day.approve("cora", card)
    members = set(day.tenant.world.group(GROUP).members)

    grow(day, 300)
    await minute_later(day)
    await day.sign_in("cora", sign_in_link(answer))
    assert day.tenant.graph.request(intune_id).status == "needsApproval"
    assert "holds many more than when it was decided" in text_of(card.card)
    assert "finish" not in verbs_of((await day.click("cora", "details", card)).card)

    day.tenant.world.group(GROUP).members.clear()
    day.tenant.world.group(GROUP).members.update(members)
    await minute_later(day)
    await day.sign_in("cora", sign_in_link(await day.click("cora", "finish", card)))
    assert day.tenant.graph.request(intune_id).status == "approved"


async def test_new_words_void_no_vote(day: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """New words on a card void no vote: a vote is bound to what Intune holds, not to the wording."""
    _, card = await filed(day)
    await day.approve("alex", card)
    for name, words in vars(reviewing).items():
        if isinstance(words, dict) and name.startswith("_") and not name.startswith("__"):
            monkeypatch.setattr(reviewing, name, {key: _reworded(value) for key, value in words.items()})
    monkeypatch.setattr(reviewing, "label", lambda name: f"{labels.label(name)}, reworded")

    await minute_later(day)
    await day.approve("cora", card)

    assert "reworded" in text_of(card.card)
    assert "Approved" in text_of(card.card)
    assert await day.audit(Kind.VOTES_VOID) == []


def _reworded(words: object) -> object:
    return f"{words}, reworded" if isinstance(words, str) else tuple(f"{one}, reworded" for one in words)  # type: ignore[attr-defined]
