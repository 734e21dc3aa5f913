"""Requests that wait for a vote, and the clicks that vote on them."""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from approvals.people import Person
from approvals.reconcile import open_request
from approvals.request import (
    IntuneStatus,
    Request,
)
from approvals.snapshot import Snapshot
from approvals.subject import Subject
from bot.config.environment import read
from bot.config.file import parse
from bot.wiring.bot import assembled
from cards.actions import Button, Verb
from handlers.ports.copies import PostedCard
from handlers.ports.places import InChannel
from handlers.ports.requests import Write
from handlers.storing.ids import new_request_id

_RITA = Person("rita", "Rita Rossi")
_SUBJECT = Subject(("script",), "DeviceManagementScript", "assign", "s1", "Update-Defender", "0" * 64)


MESSAGE = "1700000000001"


async def prepare(
    environment: Mapping[str, str], policy: str, redis_url: str, channel: str, number: int
) -> Iterator[Request]:
    """Store open requests that two people of two groups have to approve, by the rules and the store."""
    os.environ.update(environment)
    made: list[Request] = []
    async with assembled(read(), parse(policy), redis_url) as bot:
        now = await bot.adapters.clock.now()
        for index in range(number):
            seen = Snapshot(
                intune_id=f"i-{index}",
                status=IntuneStatus.NEEDS_APPROVAL,
                subject=_SUBJECT,
                requestor=_RITA,
                approver=None,
                justification="CHG-118",
                approval_note="",
                filed_at=now,
                expires_at=now + timedelta(days=3),
                modified_at=now,
            )
            outcome = open_request(
                new_request_id(now), seen, bot.journeys.policy.terms(seen.subject), now, history=False
            )
            # Without its effects: no card in Teams needs updates, so none is measured.
            await bot.store.requests.commit(Write(outcome.request, True, outcome.entries, (), now))
            # A copy that can no longer be edited: the pace of edits depends on Teams' limits, not on the bot.
            lost = PostedCard(
                outcome.request.id,
                InChannel(channel),
                _thread_of(channel),
                MESSAGE,
                lost=True,
                attempt=outcome.request.id,
            )
            await bot.store.copies.save(lost)
            made.append(outcome.request)
    return iter(made)


_numbers = count()


def activity(site: Mapping[str, Any], request: Request, index: int) -> bytes:
    """Return the second step of an approval, as Teams sends it. Consecutive clicks are from different people."""
    button = Button(Verb.CONFIRM_APPROVE, request.id, request.digest[:12])
    conversation = {"id": _thread_of(site["channel"]), "conversationType": "channel", "tenantId": site["tenant"]}
    return json.dumps(
        {
            "type": "invoke",
            "name": "adaptiveCard/action",
            "id": f"f:bench-{next(_numbers)}",
            "channelId": "msteams",
            "serviceUrl": site["service_url"],
            "from": site["people"][index % len(site["people"])],
            "recipient": {"id": f"28:{site['bot']}", "name": "Countersign"},
            "conversation": conversation,
            "channelData": {"tenant": {"id": site["tenant"]}, "channel": {"id": site["channel"]}},
            "replyToId": MESSAGE,
            "value": {
                "action": {"type": "Action.Execute", "verb": button.verb, "data": button.data() | {"note": ""}},
                "trigger": "manual",
            },
        }
    ).encode()


def _thread_of(channel: str) -> str:
    return f"{channel};messageid={MESSAGE}"
