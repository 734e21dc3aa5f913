"""Teams delivers a message again when the answer was slow, perhaps to another replica."""

import asyncio
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.office import Office, office

APPROVALS = "Approvals"


async def deliver(day: Office, sent: dict[str, Any], replica: int) -> None:
    """Deliver the message to this replica."""
    day.tenant.teams.messages_url = f"{day.urls[replica]}/api/messages"
    assert (await day.tenant.teams.post(sent))[0] == 200


@pytest.mark.parametrize("again", [0, 1])
@pytest.mark.parametrize("command", ["help", "/wipe PC-1"])
async def test_one_answer(tmp_path: Path, command: str, again: int) -> None:
    """A message that is delivered again is answered once, even with other timestamps or by another replica."""
    async with office(tmp_path, replicas=2, asking=True) as day:
        channel, client = day.tenant.channels[APPROVALS], day.client("rita")
        await client.say(channel, command)
        told = len(channel.messages)

        later = deepcopy(client.last) | {"timestamp": "2026-11-23T08:00:20.000Z", "localTimestamp": "later"}
        await deliver(day, later, again)

        assert len(channel.messages) == told


async def test_both_replicas_at_once(tmp_path: Path) -> None:
    """A message that arrives several times at once on both replicas is answered once."""
    async with office(tmp_path, replicas=2) as day:
        channel, client = day.tenant.channels[APPROVALS], day.client("rita")
        await client.say(channel, "help")
        told, sent = len(channel.messages), deepcopy(client.last) | {"id": "f:another"}

        async def at(url: str) -> None:
            token = {"Authorization": f"Bearer {day.tenant.teams.minter.good()}"}
            async with day.tenant.session.post(f"{url}/api/messages", json=sent, headers=token) as answer:
                assert answer.status == 200

        await asyncio.gather(*(at(url) for url in day.urls * 3))

        assert len(channel.messages) == told + 1


async def test_one_id_in_two_conversations(tmp_path: Path) -> None:
    """Two messages with the same id in two conversations are both answered, because a message id is only a time."""
    async with office(tmp_path, replicas=2) as day:
        for name in ("rita", "dana"):
            await day.install_for(name)
        for name in ("rita", "dana"):
            client, chat = day.client(name), day.chat(name)
            told = len(chat.messages)
            await client.say(chat, "help")
            await deliver(day, deepcopy(client.last) | {"id": "1763884800000"}, 0)
            assert len(chat.messages) == told + 2


async def test_the_same_words_again(tmp_path: Path) -> None:
    """A new message with the same text is answered again."""
    async with office(tmp_path, replicas=2) as day:
        channel, client = day.tenant.channels[APPROVALS], day.client("rita")
        for _ in range(2):
            told = len(channel.messages)
            await client.say(channel, "help")
            assert len(channel.messages) == told + 1
