"""The second door to the emergency path: a page, for accounts that have no Teams. The rules are those of the prompt."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from approvals.break_glass import Prompt, why_not_break, why_not_invoke
from approvals.people import Person
from cards import words
from cards.actions import Verb, witness_of
from handlers import break_glass
from handlers.desk import Desk, new_request_id
from handlers.gather import standing_in


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request that waits: its id, what it is, and how far it has come."""

    id: str
    title: str
    told: str


@dataclass(frozen=True, slots=True)
class Lobby:
    """What somebody who came in may choose from. `custodians` are accounts by name, for a shared account."""

    waiting: tuple[Waiting, ...]
    custodians: Mapping[str, str]
    ticket: bool


async def entered(desk: Desk, account: str) -> Lobby | str:
    """What this person may choose from, or why they may not."""
    emergency = desk.book.emergency
    groups = emergency.group_ids if emergency else frozenset[str]()
    stands = await standing_in(desk, account, "", groups)
    refusal = why_not_invoke(emergency, stands)
    if refusal or emergency is None:
        return refusal.sentence if refusal else ""
    found = [await desk.requests.load(request_id) for request_id in await desk.requests.open_ids()]
    waiting = [request for request in found if request and why_not_break(request, witness_of(request)) is None]
    known = emergency.account_of(account)
    return Lobby(
        tuple(Waiting(one.id, words.title_of(one), words.summary(one)) for one in waiting),
        {person.name: person.account for person in known.custodians} if known else {},
        bool(emergency.ticket),
    )


async def typed(desk: Desk, account: str, fields: Mapping[str, str], claims: str) -> tuple[str, str]:
    """Where they prove once more who they are, for this one thing; or why not. One of the two is empty."""
    request, sign_in = await desk.requests.load(fields.get("request", "")), desk.sign_in
    if request is None or sign_in is None:
        return "", break_glass.GONE
    now = await desk.clock.now()
    prompt = Prompt(new_request_id(now), request.id, Person(account, "", frozenset({account})), now)
    filled = replace(
        prompt,
        why=fields.get("why", ""),
        ticket=fields.get("ticket", "").strip(),
        acting=fields.get("acting", ""),
        drill=fields.get("drill") == "yes",
        confirmed=True,
    )
    refusal = await break_glass.why_not_typed(desk, filled, request, fields.get("name", ""))
    if refusal:
        return "", refusal.sentence
    await desk.prompts.save(filled)
    return await sign_in.page_for(filled.id, account, Verb.BREAK, claims), ""
