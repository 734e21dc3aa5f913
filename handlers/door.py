"""The second door to the emergency path: a page, for accounts that have no Teams. The rules are those of the prompt."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from approvals.audit import Identified
from approvals.break_glass import SWITCHED_OFF, Prompt, why_not_break, why_not_invoke
from approvals.order import Act
from approvals.people import Person
from approvals.request import Request
from cards import sentences, words
from cards.actions import Verb, witness_of
from cards.stakes import stakes, stakes_of
from handlers import asking, break_glass
from handlers.commands.grammar import Command
from handlers.commands.lexicon import Name
from handlers.desk import Desk, new_request_id
from handlers.gather import standing_in
from handlers.proposing import NOT_SET_UP
from handlers.refusals import record

NO_CHOICE = "Please choose a request, or an operation and a device."

ACTS = tuple(act for act in Act if act.is_on_device)
"""What can be asked for at the door. Everything else can wait for somebody who has Teams."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request that waits: its id, how far it has come, and the witness of what was shown of it."""

    id: str
    told: str
    witness: str


@dataclass(frozen=True, slots=True)
class Lobby:
    """What somebody who came in may choose from. `custodians` are account and name, for a shared account; `acts` is
    what they may ask for, if anything can be asked for here."""

    waiting: tuple[Waiting, ...]
    custodians: tuple[tuple[str, str], ...]
    acts: tuple[Act, ...]
    ticket: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """What is about to be done, as it is shown once more, and where they prove who they are for this one thing."""

    title: str
    stakes: str
    facts: tuple[tuple[str, str], ...]
    onward: str


async def entered(desk: Desk, account: str) -> Lobby | str:
    """What this person may choose from, or why they may not; that is recorded."""
    emergency = desk.book.emergency
    stands = await standing_in(desk, account, "", emergency.group_ids if emergency else ())
    refusal = why_not_invoke(emergency, stands)
    if refusal:
        said = refusal.sentence
        return await record(desk, stands.person, said, Identified.BY_TOKEN, reason=refusal.reason, door="/breakglass")
    if emergency is None:
        return SWITCHED_OFF.sentence
    found = await desk.requests.open()
    now = await desk.clock.now()
    waiting = [request for request in found if why_not_break(request, witness_of(request), now) is None]
    return Lobby(
        waiting=tuple(Waiting(one.id, sentences.summary(one), witness_of(one)) for one in waiting),
        custodians=tuple((one.account, one.name) for one in emergency.people_behind(stands.person)[1:]),
        acts=ACTS if desk.filing is not None and desk.sign_in is not None else (),
        ticket=bool(emergency.ticket),
    )


async def typed(desk: Desk, account: str, fields: Mapping[str, str], context: str) -> Deed | str:
    """What this person filled in, to be looked at again, or why it is not enough; `context` has to be proved."""
    request_id, _, witness = fields.get("request", "").partition(" ")
    if fields.get("act") in ACTS and not request_id:
        return await _ordered(desk, account, fields, context)
    request, sign_in = await desk.requests.load(request_id), desk.sign_in
    if request is None or sign_in is None:
        if not request_id:
            return NO_CHOICE
        return await break_glass.why_nowhere(desk, account, "") or break_glass.GONE
    prompt = await _prompt(desk, account, request, fields, witness)
    if refusal := await break_glass.check_typed(desk, prompt, request, fields.get("name", "")):
        return refusal.sentence
    await desk.prompts.save(prompt)
    facts = (("Requested by", words.asker(request)), ("Reason", request.justification or "none given"))
    onward = await sign_in.page_for(prompt.id, account, Verb.BREAK, context=context)
    return Deed(words.title_of(request), stakes_of(request), facts, onward)


async def _prompt(desk: Desk, account: str, request: Request, fields: Mapping[str, str], witness: str) -> Prompt:
    now = await desk.clock.now()
    begun = Prompt(new_request_id(now), request.id, Person(account, "", frozenset({account})), now)
    return replace(
        begun,
        why=fields.get("why", ""),
        ticket=fields.get("ticket", "").strip(),
        acting=fields.get("acting", ""),
        drill=fields.get("drill") == "yes",
        witness=witness,
        confirmed=True,
    )


async def _ordered(desk: Desk, account: str, fields: Mapping[str, str], context: str) -> Deed | str:
    """An operation that is asked for and whose glass is broken in one step."""
    drill = fields.get("drill") == "yes"
    command = Command(Name.BREAKGLASS, fields.get("device", "").strip(), act=Act(fields["act"]), drill=drill)
    draft = await asking.confirmed(desk, command, account, fields)
    if isinstance(draft, str) or draft.subject is None or desk.sign_in is None:
        return draft if isinstance(draft, str) else NOT_SET_UP
    facts = tuple((fact.label, fact.value) for fact in draft.subject.facts)
    onward = await desk.sign_in.page_for(draft.id, account, Verb.ASK, context=context)
    return Deed(words.title(draft.subject), stakes(draft.subject, draft.options), facts, onward)
