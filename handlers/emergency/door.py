"""The second door to the emergency path: a page, for accounts that have no Teams. The rules are those of the prompt."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from approvals.audit import Identified
from approvals.break_glass import SWITCHED_OFF, Prompt, why_not_break, why_not_invoke
from approvals.order import Act
from approvals.people import Person
from approvals.policy import PolicyBook
from approvals.request import Request
from cards import sentences, words
from cards.actions import Verb, witness_of
from cards.refusals import refusal_sentence
from cards.stakes import stakes, stakes_of
from handlers.commands.grammar import Command
from handlers.commands.lexicon import Name
from handlers.emergency.prompting import GONE, Prompting
from handlers.gathering.standings import Standings
from handlers.ids import new_request_id
from handlers.ordering.askers import NOT_SET_UP
from handlers.ordering.drafting import Drafting
from handlers.ports.clock import Clock
from handlers.ports.drafts import Drafts
from handlers.ports.orders import FilingRoom
from handlers.ports.requests import Requests
from handlers.ports.sign_in import SignIn
from handlers.refusals import Refusals

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


@dataclass(frozen=True, slots=True)
class Door:
    """The second door to the emergency path."""

    clock: Clock
    requests: Requests
    sign_in: SignIn | None
    prompts: Drafts[Prompt]
    room: FilingRoom | None
    book: PolicyBook
    refusals: Refusals
    standings: Standings
    drafting: Drafting
    prompting: Prompting

    async def entered(self, account: str) -> Lobby | str:
        """What this person may choose from, or why they may not; that is recorded."""
        emergency = self.book.emergency
        stands = await self.standings.in_groups(account, "", emergency.group_ids if emergency else ())
        refusal = why_not_invoke(emergency, stands)
        if refusal:
            said = refusal_sentence(refusal)
            return await self.refusals.record(
                stands.person, said, Identified.BY_TOKEN, reason=refusal.code, door="/breakglass"
            )
        if emergency is None:
            return refusal_sentence(SWITCHED_OFF)
        found = await self.requests.open()
        now = await self.clock.now()
        waiting = [request for request in found if why_not_break(request, witness_of(request), now) is None]
        return Lobby(
            waiting=tuple(Waiting(one.id, sentences.summary(one), witness_of(one)) for one in waiting),
            custodians=tuple((one.account, one.name) for one in emergency.people_behind(stands.person)[1:]),
            acts=ACTS if self.room is not None and self.sign_in is not None else (),
            ticket=bool(emergency.ticket),
        )

    async def typed(self, account: str, fields: Mapping[str, str], context: str) -> Deed | str:
        """What this person filled in, to be looked at again, or why it is not enough; `context` has to be proved."""
        request_id, _, witness = fields.get("request", "").partition(" ")
        if fields.get("act") in ACTS and not request_id:
            return await self._ordered(account, fields, context)
        request, sign_in = await self.requests.load(request_id), self.sign_in
        if request is None or sign_in is None:
            if not request_id:
                return NO_CHOICE
            return await self.prompting.why_nowhere(account, "") or GONE
        prompt = await self._prompt(account, request, fields, witness)
        if refusal := await self.prompting.check_typed(prompt, request, fields.get("name", "")):
            return refusal_sentence(refusal)
        await self.prompts.save(prompt)
        facts = (("Requested by", words.asker(request)), ("Reason", request.justification or "none given"))
        onward = await sign_in.page_for(prompt.id, account, Verb.BREAK, context=context)
        return Deed(words.title_of(request), stakes_of(request), facts, onward)

    async def _prompt(self, account: str, request: Request, fields: Mapping[str, str], witness: str) -> Prompt:
        now = await self.clock.now()
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

    async def _ordered(self, account: str, fields: Mapping[str, str], context: str) -> Deed | str:
        """An operation that is asked for and whose glass is broken in one step."""
        drill = fields.get("drill") == "yes"
        command = Command(Name.BREAKGLASS, fields.get("device", "").strip(), act=Act(fields["act"]), drill=drill)
        draft = await self.drafting.confirmed(command, account, fields)
        if isinstance(draft, str) or draft.subject is None or self.sign_in is None:
            return draft if isinstance(draft, str) else NOT_SET_UP
        facts = tuple((fact.label, fact.value) for fact in draft.subject.facts)
        onward = await self.sign_in.page_for(draft.id, account, Verb.ASK, context=context)
        return Deed(words.title(draft.subject), stakes(draft.subject, draft.options), facts, onward)
