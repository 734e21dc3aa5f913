"""Somebody wrote to the bot: what it means, and an answer that nobody else sees."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import structlog

from approvals.sighting import Standing
from cards import glass_card
from handlers import asking, auditing, braking, break_glass, covering, delegating, looking, reviewing
from handlers.clicks import Place
from handlers.commands.grammar import Command, Wrong, parse
from handlers.commands.lexicon import Name
from handlers.desk import Desk
from handlers.inbox import Message
from handlers.ports.errors import PortError, Unreachable
from handlers.ports.teams import Address, Card, PersonalReference

NO_ANSWER = (
    "Something that this needs cannot be reached right now. It is not certain whether anything was done. Please look, "
    "and try again in a minute."
)

log = structlog.get_logger(__name__)


async def message(desk: Desk, written: Message) -> None:
    """Do what was written and answer; where others read as well, only its author sees the answer."""
    try:
        await _remember(desk, written)
        answer = await _answer(desk, written)
    except PortError as error:
        log.warning("message_met_trouble", error=str(error), neighbour_request=error.request_id)
        answer = NO_ANSWER
    with suppress(Unreachable):
        if isinstance(answer, str):
            await desk.chat.answer(_address(written), answer)
        else:
            await desk.chat.show(_address(written), answer, str(answer.get("fallbackText", "")))


async def _remember(desk: Desk, written: Message) -> None:
    """Whoever writes in a 1:1 chat can be written to there."""
    if written.place is Place.PERSONAL:
        where = PersonalReference(written.account, written.mri, written.service_url, written.conversation)
        await desk.conversations.save_person(where)


async def _answer(desk: Desk, written: Message) -> str | Card:
    meant = parse(written.text)
    if isinstance(meant, Wrong):
        return f"{meant.sentence} {meant.usage}".strip()
    who = await looking.asker(desk, written.account, written.name)
    return await _DOES.get(meant.name, _ask)(_Said(desk, who, meant, written))


@dataclass(frozen=True, slots=True)
class _Said:
    """A command, and who gave it."""

    desk: Desk
    who: Standing
    command: Command
    written: Message


async def _ask(said: _Said) -> str | Card:
    return await asking.begin(said.desk, said.command, said.written.account)


async def _cancel(said: _Said) -> str | Card:
    written = said.written
    return await looking.cancel(said.desk, said.who, said.command.target, written.conversation, written.once)


async def _break_glass(said: _Said) -> str | Card:
    """On a request by its id, or on an operation that is asked for in the same step."""
    desk, command, written = said.desk, said.command, said.written
    if command.act is not None:
        return await asking.begin(desk, command, written.account)
    request = await desk.requests.load(command.target)
    if request is None:
        refused = await break_glass.why_nowhere(desk, written.account, written.name)
        return glass_card.over(refused) if refused else looking.NONE.format(command.target)
    return await break_glass.begin(desk, request, written.account, written.name, drill=command.drill)


_DOES: Mapping[Name, Callable[[_Said], Awaitable[str | Card]]] = {
    Name.HELP: lambda said: looking.help_text(said.desk),
    Name.PENDING: lambda said: looking.pending(said.desk, said.who),
    Name.MINE: lambda said: looking.mine(said.desk, said.who),
    Name.STATUS: lambda said: looking.status(said.desk, said.who, said.command.target, said.written.conversation),
    Name.WHOCAN: lambda said: looking.who_can(said.desk, said.command.target),
    Name.CANCEL: _cancel,
    Name.PAUSE: lambda said: braking.pause(said.desk, said.who, said.command.reason),
    Name.BREAKGLASS: _break_glass,
    Name.REVIEWS: lambda said: reviewing.reviews(said.desk, said.written.account, said.written.name),
    Name.COVERAGE: lambda said: covering.coverage(said.desk, said.who),
    Name.AUDIT: lambda said: auditing.audit(said.desk, said.who, said.command.target),
    Name.HISTORY: lambda said: auditing.history(said.desk, said.who),
    Name.DELEGATE: lambda said: delegating.delegate(said.desk, said.who, said.command),
    Name.RESUME: lambda said: braking.resume(said.desk, said.who),
    Name.UNLOCK: lambda said: braking.unlock(said.desk, said.who, said.command.target),
}
"""Everything else that can be written asks for an operation."""


def _address(written: Message) -> Address:
    shared = written.place is not Place.PERSONAL
    return Address(written.service_url, written.conversation, written.mri if shared else "")
