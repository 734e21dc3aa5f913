"""Fifty people vote at the same moment through two replicas, and a decision is faster than its own card."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from approvals.audit import AuditEntry, Kind
from approvals.request import CarryState, Decision, Request, Verdict
from simulator.teams.buttons import button
from simulator.teams.clients import Answer
from simulator.teams.places import Message
from simulator.world import DOMAIN, User, guid
from tests.extent import cases
from tests.office import Office, office, text_of, verbs_of

PEOPLE = 50


@pytest.mark.parametrize("rejecting", cases([0, 1, 25, 50], [0, 25]))
async def test_fifty_people_at_once(tmp_path: Path, rejecting: int) -> None:
    """When fifty people vote at once, there is one decision, one person is asked to sign in, and all others read a
    sentence."""
    of_any_group = {"Script deployment": {"quorum": "any"}}
    async with office(tmp_path, replicas=2, workflows=of_any_group) as day:
        names = _crowd(day)
        day.tenant.portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
        await day.poll()
        card = day.card()
        verdicts = ["reject" if number < rejecting else "approve" for number in range(PEOPLE)]
        rounds = zip(names, verdicts, strict=True)

        answers = await asyncio.gather(*(_vote(day, index, *vote, card) for index, vote in enumerate(rounds)))
        await day.work()

        request, entries = await _request(day), await day.bot.store.requests.audit(0, 1000)
        _check_decision(request, [entry for _, entry in entries])
        _check_answers(answers)
        assert [number for number, _ in entries] == list(range(1, len(entries) + 1))
        assert not {"approve", "reject"} & set(verbs_of(card.card))


async def test_a_decision_overtakes_a_post(tmp_path: Path) -> None:
    """If a request is decided while its card is being posted, the card is drawn again without buttons to vote."""
    filed, posting, go_on = "", asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def hold_the_card(service: str, request: web.Request) -> AsyncIterator[None]:
        if service == "teams" and request.method == "POST" and filed and not posting.is_set():
            posting.set()
            await go_on.wait()
        yield

    async with office(tmp_path, watch=hold_the_card) as day:
        filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
        await day.bot.journeys.poll.poll()
        work = asyncio.create_task(day.work())
        await posting.wait()
        day.tenant.portal.reject("dana", filed)
        await day.poll()
        go_on.set()
        await work

        assert len(day.requests()) == 1
        assert verbs_of(day.card().card) == ["details"]


def _check_decision(request: Request, entries: list[AuditEntry]) -> None:
    """Check that there is exactly one decision: two approvals, or one rejection."""
    counted = Counter(vote.verdict for vote in request.votes)
    decided = [entry.kind for entry in entries if entry.kind in (Kind.QUORUM_REACHED, Kind.REJECTED)]
    if request.decision is Decision.APPROVED:
        assert (counted, decided) == (Counter({Verdict.APPROVE: 2}), [Kind.QUORUM_REACHED])
    else:
        assert (request.decision, counted[Verdict.REJECT], decided) == (Decision.REJECTED, 1, [Kind.REJECTED])
        assert counted[Verdict.APPROVE] < 2
    assert request.carry_state is CarryState.WANTED


def _check_answers(answers: list[Answer]) -> None:
    """Check that nobody gets an error, that one person is asked to sign in, and that all others were counted or
    refused."""
    assert {answer.status for answer in answers} == {200}
    assert [answer.error for answer in answers if answer.error] == []
    texts = [text_of(answer.card) for answer in answers]
    asked = [text for text in texts if '"Sign in"' in text]
    counted = [text for text in texts if "You approved this" in text]
    refused = [text for text in texts if "This request is closed" in text]
    assert len(asked) == 1
    assert len(asked) + len(counted) + len(refused) == PEOPLE


async def _vote(day: Office, index: int, name: str, verdict: str, card: Message) -> Answer:
    """Press the second button without waiting for others. Every other person uses the other replica."""
    teams = replace(day.tenant.teams, messages_url=f"{day.urls[index % 2]}/api/messages")
    first = button(card.card or {}, verdict)
    assert first is not None
    second: dict[str, Any] = first | {"verb": f"confirm-{verdict}", "data": first["data"] | {"note": "as discussed"}}
    return await teams.client(name).invoke(card, second, "manual")


async def _request(day: Office) -> Request:
    [request_id] = await day.bot.store.requests.open_ids()
    request = await day.bot.store.requests.load(request_id)
    assert request is not None
    return request


def _crowd(day: Office) -> list[str]:
    """Add fifty people to the channel, half of them to each approver group. Return their first names."""
    world, channel = day.tenant.world, day.tenant.channels["Approvals"]
    names = [f"voter{number}" for number in range(PEOPLE)]
    for number, name in enumerate(names):
        upn = f"{name}@{DOMAIN}"
        person = User(guid("user", upn), name.capitalize(), upn, employee_id=f"E-{name}")
        world.users[person.id] = person
        world.group(("Security-Admins", "Change-Advisory-Board")[number % 2]).members.add(person.id)
        channel.members.append(person)
    return names
