"""Asking for an operation in chat: from words to one target, to what is at stake, to a request that waits for approval.

Nothing is sent to Intune here. A draft belongs to who began it and serves once: its id becomes the request's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from approvals.alone import ALONE
from approvals.asking import DRAFT_TIME, Draft, ask, why_no_reason, why_wrong_name
from approvals.audit import Identified
from approvals.break_glass import Invocation, break_glass, why_not_enough
from approvals.order import Act
from approvals.outcome import Outcome, Refusal
from approvals.people import Person
from approvals.request import Request
from approvals.sighting import Standing
from cards import drafting, words
from cards.actions import Verb, stamped, witness_of
from handlers import copies, gather, latest, views
from handlers.alone import execute
from handlers.break_glass import is_locked
from handlers.clicks import Answer, AskForToken, Click, Place, ShowCard
from handlers.commands.grammar import Command
from handlers.commands.lexicon import act_of
from handlers.commits import store
from handlers.desk import Desk, new_request_id
from handlers.ports.errors import SignInFailed, Unreachable
from handlers.ports.orders import Candidate
from handlers.ports.places import chat_of
from handlers.ports.requests import Once, Stored
from handlers.ports.teams import Card
from handlers.proposing import NOT_SET_UP, Proposal, propose, why_not
from handlers.troubles import why_not_signed_in

OVER = "This has been open for too long, or was closed. Nothing was asked for; please write the command again."
NOT_YOURS = "Only the person who began this can go on with it."
DROPPED = "Dropped. Nothing was asked for."
CHANGED = "This has changed since you began. Please read it again; nothing was asked for yet."
NONE = 'There is no device "{}". Nothing was asked for.'
SEVERAL = '{} devices match "{}". Write the whole name, or the serial number.'
CONTINUED = "It goes on in our chat, where you need not sign in."
NO_CHAT = "There is no chat between us yet. Add Countersign for yourself in Teams, or sign in here."

MOST_TRIES = 10
"""Orders of other people that may come in between before somebody has to try again."""

log = structlog.get_logger(__name__)


async def begin(desk: Desk, command: Command, account: str) -> Card:
    """The first card of a command: a choice, a confirmation, or why not."""
    draft = await _begun(desk, command, account)
    if refusal := await why_not(desk, draft):
        return drafting.over(refusal)
    return await _next_card(desk, draft)


async def click(desk: Desk, clicked: Click) -> Answer:
    """A click on a card of a draft."""
    draft = await desk.drafts.load(clicked.button.request_id)
    now = await desk.clock.now()
    if draft is None or now >= draft.began_at + DRAFT_TIME:
        return ShowCard(drafting.over(OVER))
    existing = await desk.requests.load(draft.id)
    if clicked.account != draft.author.account:
        return ShowCard(drafting.over(OVER if existing else NOT_YOURS))  # nobody else learns that it became a request
    if existing:
        return ShowCard(drafting.asked(existing))
    match clicked.button.verb:
        case Verb.CHOOSE:
            return ShowCard(await _choose(desk, draft, clicked.inputs.get("choice", "")))
        case Verb.ASK:
            return await _confirm(desk, draft, clicked)
        case Verb.CONTINUE:
            return ShowCard(await _continue_in_chat(desk, draft))
        case _:
            await desk.drafts.save(replace(draft, began_at=now - DRAFT_TIME))
            return ShowCard(drafting.over(DROPPED))


async def confirmed(desk: Desk, command: Command, account: str, fields: Mapping[str, str]) -> Draft | str:
    """A draft that was filled in on a page, and lacks nothing but the proof of who asks; or what is wrong with it."""
    draft = await _begun(desk, command, account)
    if refusal := await why_not(desk, draft):
        return refusal
    found = await desk.orders.find(draft.act, draft.words)
    if len(found) != 1:
        return SEVERAL.format(len(found), draft.words) if found else NONE.format(draft.words)
    proposal = await propose(desk, _filled(_with(draft, found[0].id), fields))
    if proposal.refusal:
        return proposal.refusal
    if wrong := _why_not_filled(desk, proposal.draft) or why_wrong_name(proposal.draft, fields.get("name", "")):
        return wrong.sentence
    draft = replace(proposal.draft, confirmed=True)
    await desk.drafts.save(draft)
    return draft


async def signed_in(desk: Desk, draft_id: str, account: str, proof: str) -> str:
    """What happens when the author comes back from the sign-in page; the sentence is for that page.

    `proof` is their own signed token, for the emergency process.
    """
    draft = await desk.drafts.load(draft_id)
    now = await desk.clock.now()
    if draft is None or now >= draft.began_at + DRAFT_TIME or account != draft.author.account or not draft.confirmed:
        return OVER
    made = await _ask(desk, draft, None)
    if isinstance(made, str):
        return made
    if draft.emergency:
        return f"{words.title_of(made)} ({made.id}): {await _emergency(desk, made, account, proof)}"
    return f"Asked for approval: {words.title_of(made)} ({made.id})."


async def _emergency(desk: Desk, made: Request, account: str, proof: str) -> str:
    if made.drill:
        return "Drill: everybody is told so, and a review is open. Nothing was done."
    return f"The glass is broken, and those on call are asked. {await execute(desk, made, account, proof)}".strip()


# --- from words to one target -------------------------------------------------------------------------------------


async def _begun(desk: Desk, command: Command, account: str) -> Draft:
    now = await desk.clock.now()
    author = await desk.directory.person(account) or Person(account, "", frozenset({account}))
    return Draft(
        id=new_request_id(now),
        author=author,
        act=command.act or act_of(command.name),
        words=command.target,
        began_at=now,
        group_words=command.group,
        options=command.options,
        urgent=command.urgent or command.act is not None,
        justification=command.reason,
        drill=command.drill,
        emergency=command.act is not None,
    )


async def _next_card(desk: Desk, draft: Draft) -> Card:
    """Ask for what is not clear yet; then show what would happen."""
    if not draft.target_id:
        what = _WHAT.get(draft.act, "device")
        return await _found(desk, draft, await desk.orders.find(draft.act, draft.words), draft.words, what)
    if not draft.act.is_on_device and not draft.group_id:
        return await _found(desk, draft, await desk.orders.find_groups(draft.group_words), draft.group_words, "group")
    return await _proposal_card(desk, draft)


async def _found(desk: Desk, draft: Draft, candidates: Sequence[Candidate], typed: str, what: str) -> Card:
    """One match goes on by itself, several are a choice."""
    if not candidates:
        return drafting.not_found(draft.act, typed, what)
    if len(candidates) == 1:
        return await _next_card(desk, _with(draft, candidates[0].id))
    await desk.drafts.save(draft)
    choices = [drafting.Choice(one.id, one.name, one.lines) for one in candidates]
    return drafting.chooser(draft, choices, what)


async def _choose(desk: Desk, draft: Draft, choice: str) -> Card:
    """An id that nobody offered finds nothing, or what may be asked for by name as well."""
    if not choice:
        return drafting.over("Nothing was chosen. Please write the command again.")
    return await _next_card(desk, _with(draft, choice))


def _with(draft: Draft, found: str) -> Draft:
    """The draft with what was looked for: the target first, then the group."""
    return replace(draft, group_id=found) if draft.target_id else replace(draft, target_id=found)


_WHAT = {Act.SCRIPT: "script", Act.ROLE: "role", Act.COMPLIANCE: "compliance policy"}


# --- what would happen --------------------------------------------------------------------------------------------


async def _proposal_card(desk: Desk, draft: Draft, notice: str = "") -> Card:
    proposal = await propose(desk, draft)
    if proposal.refusal:
        return drafting.over(proposal.refusal)
    await desk.drafts.save(proposal.draft)
    return _confirmation(desk, proposal.draft, notice)


# --- asked --------------------------------------------------------------------------------------------------------


async def _confirm(desk: Desk, draft: Draft, clicked: Click) -> Answer:
    """Everything that was typed is checked; then the author proves who they are; then it is asked for."""
    filled = _filled(draft, clicked.inputs)
    if draft.subject is None or not draft.subject.digest().startswith(clicked.button.witness or "-"):
        return ShowCard(await _proposal_card(desk, filled, CHANGED))
    typed = clicked.inputs.get("name", "")
    if wrong := _why_not_filled(desk, filled) or why_wrong_name(filled, typed):
        await desk.drafts.save(filled)
        return ShowCard(_confirmation(desk, filled, wrong.sentence))
    confirmed = replace(filled, confirmed=True)
    await desk.drafts.save(confirmed)
    return await _prove(desk, confirmed, clicked)


def _filled(draft: Draft, fields: Mapping[str, str]) -> Draft:
    return replace(
        draft,
        justification=fields.get("reason", fields.get("why", "")).strip(),
        ticket=fields.get("ticket", "").strip(),
        acting=fields.get("acting", ""),
    )


def _why_not_filled(desk: Desk, draft: Draft) -> Refusal | None:
    """What is wrong with the justification; an emergency asks for more than an order."""
    emergency = desk.book.emergency
    if draft.emergency and emergency is not None:
        return why_not_enough(emergency, _invocation(draft))
    return why_no_reason(draft.justification)


def _invocation(draft: Draft) -> Invocation:
    stands = Standing(draft.author, frozenset(), active=True)
    return Invocation(stands, Identified.BY_TOKEN, draft.justification, draft.ticket, draft.acting)


async def _prove(desk: Desk, draft: Draft, clicked: Click) -> Answer:
    sign_in = desk.sign_in
    if sign_in is None:
        return ShowCard(drafting.over(NOT_SET_UP))
    if clicked.assertion is None:
        url = await sign_in.page_for(draft.id, clicked.account, Verb.ASK)
        if clicked.place is Place.CHANNEL:
            return ShowCard(_confirmation(desk, draft, sign_in_url=url))
        return AskForToken(url)
    try:
        await sign_in.prove(clicked.assertion, clicked.account)
    except SignInFailed as error:
        return ShowCard(_confirmation(desk, draft, why_not_signed_in(error)))
    await copies.become(desk, draft, clicked)
    made = await _ask(desk, draft, clicked.once)
    if isinstance(made, str):
        return ShowCard(await _proposal_card(desk, draft, made))
    return ShowCard(await _asked_card(desk, draft, made, clicked))


async def _asked_card(desk: Desk, draft: Draft, made: Request, clicked: Click) -> Card:
    """What was asked for, as its author sees it; in an emergency it may have been done alone by then."""
    if draft.emergency:
        await execute(desk, made, clicked.account, clicked.assertion)
        made = await desk.requests.load(made.id) or made
    if clicked.place is Place.PERSONAL:
        here = chat_of(clicked.account)
        card = await latest.shown(desk, made, lambda current: views.base_card(desk, current, here))
        return stamped(card, draft.id)
    return drafting.asked(made)


async def _ask(desk: Desk, draft: Draft, once: Once | None) -> Request | str:
    """Make the request of it, if everything is still as its author saw it; else why not."""
    for _ in range(MOST_TRIES):
        if refusal := await why_not(desk, draft):
            return refusal
        proposal = await propose(desk, draft)
        if proposal.refusal:
            return proposal.refusal
        if not _is_what_was_shown(draft, proposal.draft):
            await desk.drafts.save(replace(proposal.draft, confirmed=False))
            return CHANGED
        made = await _store(desk, proposal, once, await desk.clock.now())
        if made is not None:
            return made
    return "Too many people ask at the same time. Please try again."


async def _store(desk: Desk, proposal: Proposal, once: Once | None, now: datetime) -> Request | str | None:
    draft, subject = proposal.draft, proposal.draft.subject
    if subject is None:
        return None
    outcome = ask(draft, subject, proposal.terms, now)
    if draft.emergency:
        outcome = await _broken(desk, draft, outcome, now)
    if outcome.refusal:
        return outcome.refusal.sentence
    committed = await store(desk, outcome.request, outcome, now, once, draft.author.account, proposal.asked)
    if committed.stored is not Stored.SAVED:
        return await desk.requests.load(draft.id)
    log.info("order_asked_for", request_id=draft.id, act=draft.act, person=draft.author.account)
    return committed.request


async def _broken(desk: Desk, draft: Draft, asked: Outcome, now: datetime) -> Outcome:
    """The glass is broken in the same step in which it is asked for."""
    emergency = desk.book.emergency
    groups = emergency.group_ids if emergency else frozenset[str]()
    stands = await gather.standing_in(desk, draft.author.account, draft.author.name, groups)
    people = emergency.people_behind(stands.person) if emergency else ()
    locked = await is_locked(desk, people, now)
    invocation = replace(_invocation(draft), standing=stands, locked=locked)
    broken = break_glass(asked.request, emergency, invocation, witness_of(asked.request), now)
    if broken.refusal:
        return broken
    return replace(broken, planned=(*asked.planned, *broken.planned), entries=(*asked.entries, *broken.entries))


def _is_what_was_shown(shown: Draft, now: Draft) -> bool:
    same = shown.subject is not None and now.subject is not None and shown.subject.digest() == now.subject.digest()
    return same and shown.workflows == now.workflows


async def _continue_in_chat(desk: Desk, draft: Draft) -> Card:
    """The same draft in the 1:1 chat, where Teams signs people in silently."""
    card = await _proposal_card(desk, draft)
    try:
        await desk.chat.post(chat_of(draft.author.account), card, f"{draft.act.value.capitalize()} {draft.words}")
    except Unreachable:
        return _confirmation(desk, draft, NO_CHAT)
    return drafting.over(CONTINUED)


def _confirmation(desk: Desk, draft: Draft, notice: str = "", sign_in_url: str = "") -> Card:
    emergency = desk.book.emergency if draft.emergency else None
    account = emergency.account_of(draft.author.account) if emergency else None
    return drafting.confirmation(
        draft,
        words.approvers_of(draft.workflows),
        notice,
        sign_in_url,
        can_continue=bool(sign_in_url),
        custodians=account.custodians if account else (),
        ticket=bool(emergency and emergency.ticket),
        alone=desk.alone is not None and draft.act in ALONE,
    )
