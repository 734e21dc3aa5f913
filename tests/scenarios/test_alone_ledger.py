"""The ledger of the emergency process goes back or is lost: nothing is done a second time, and people hear of it."""

from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from approvals.audit import Kind
from approvals.emergency import Way
from approvals.request import Decision
from bot.cli import operators
from bot.cli.accepting import REJOIN
from bot.config.environment import Settings
from cards.refusals import refusal_sentence
from handlers.ports.emergency import AloneAnswer, AloneCall, LedgerMark
from simulator.clock import wall_time
from simulator.graph.faults import Fault
from simulator.graph.faults import Kind as Faults
from tests.bot.cli.test_operators import OPS, settings_for
from tests.office import EmergencyProcess, Office, rewired, sign_in_link, text_of
from tests.restoring import restore, snapshot
from tests.scenarios.test_alone import ALONE, ask, asked_by_ivan, token, wipes
from tests.scenarios.test_brakes import doubt_the_store
from tests.scenarios.test_break_glass import now

WENT_BACK = "The ledger of the emergency process went back"
TO_DO = "Another person has to approve it, until an operator has looked and runs python -m bot store accept."
SHOWN = "Intune shows that this device was told so already. Nothing was done a second time."
DONE = "Intune has been told to wipe PC-1."


def process(day: Office) -> EmergencyProcess:
    """Return the deployed emergency process."""
    assert day.alone is not None
    return day.alone


async def mark(day: Office) -> LedgerMark:
    """Return what the bot remembers of the ledger."""
    remembered = await day.bot.store.memory.ledger()
    assert remembered is not None
    return remembered


async def accepted(settings: Settings, why: str) -> str:
    """Accept the store and the ledger as an operator. Return what the operator is told."""
    moved = await operators.accept_store(settings, await operators.store_found(settings), OPS, why)
    return refusal_sentence(moved.move.refusal) if moved.move.refusal else moved.line()


async def put_back(day: Office, content: bytes) -> None:
    """Replace the ledger of the emergency process, and restart the process."""
    await process(day).stop()
    process(day).ledger.write_bytes(content)
    await process(day).start()


async def wiped_and_put_back(day: Office, ledger: str) -> str:
    """Let Ivan have PC-1 wiped, and then replace the ledger. Return the id of his order."""
    before = process(day).ledger.read_bytes()
    await day.break_glass("ivan", "wipe PC-1")
    order = await day.request_id()
    _, *calls = process(day).ledger.read_bytes().replace(order.encode(), b"R0").splitlines(keepends=True)
    other = b"".join([b'{"ledger":"0123456789abcdef","lines":0}\n', *calls])
    await put_back(day, {OLDER: before, NEW: b"", OTHER: other}[ledger])
    await day.pass_time(minutes=1)
    return order


OLDER, NEW, OTHER = "an older copy", "a new file", "the ledger of another one"
BACK = pytest.mark.parametrize("ledger", [OLDER, NEW, OTHER])


@BACK
@ALONE
async def test_the_same_order_on_a_ledger_that_went_back(day: Office, ledger: str) -> None:
    """After the ledger was replaced by an older or another one, the same order is refused and not run again. The answer
    says what to do."""
    order = await wiped_and_put_back(day, ledger)
    status, said = await ask(day, request_id=order, remembered=asdict(await mark(day)))
    assert (status, WENT_BACK in said, TO_DO in said) == (409, True, True)
    assert wipes(day) == 1


@BACK
@ALONE
async def test_another_order_on_a_ledger_that_went_back(day: Office, ledger: str) -> None:
    """Another order on a ledger that went back is refused as well. Everybody who is called reads why, and one other
    person can still approve it."""
    await wiped_and_put_back(day, ledger)
    remembered = await mark(day)
    with capture_logs() as lines:
        prompt = await day.break_glass("ivan", "wipe PC-2", name="PC-2")
    assert wipes(day, "PC-2") == 0
    assert await mark(day) == remembered
    for card in (day.client("ivan").card(prompt), *(day.card(name).card for name in ("Operations", "On-Call"))):
        assert WENT_BACK in text_of(card)
        assert TO_DO in text_of(card)
    told = {line["event"]: line["log_level"] for line in lines if WENT_BACK in line.get("why", "")}
    assert told == {"emergency_refused": "error", "not_done_alone": "error"}
    [*_, entry] = await day.audit(Kind.NOT_ALONE)
    assert (entry.after, TO_DO in entry.why) == ("nothing", True)

    await day.sign_in("dana", sign_in_link(await day.approve("dana", day.card())))
    assert ((await now(day)).decision, wipes(day, "PC-2")) == (Decision.APPROVED, 1)


@ALONE
async def test_what_the_device_shows_is_not_done_again(day: Office) -> None:
    """If store and ledger have both lost the record of a wipe, Intune still shows it on the device, and neither the
    process nor an approval causes a second one."""
    order = await asked_by_ivan(day)
    await ask(day, request_id="R0")
    await put_back(day, b"")
    ivan = day.tenant.world.user("ivan").id
    assert await day.bot.journeys.acting_alone.execute(order, ivan, token(day, "ivan")) == SHOWN
    await day.work()
    assert SHOWN in text_of(day.card().card)
    await day.sign_in("dana", sign_in_link(await day.approve("dana", day.card())))
    await day.pass_time(minutes=3)
    assert (wipes(day), day.tenant.graph.requests()) == (1, [])


@pytest.mark.parametrize("kind", [Faults.THROTTLED, Faults.MISSING])
@ALONE
async def test_a_device_that_does_not_tell(day: Office, kind: Faults) -> None:
    """If the look at the device fails or finds no device, nothing is done."""
    order, ivan = await asked_by_ivan(day), day.tenant.world.user("ivan").id
    device = day.tenant.world.device("PC-1")["id"]
    day.tenant.graph.faults.append(Fault(kind, f"{device}$", after=1, retry_after=60))
    assert "Nothing was done." in await day.bot.journeys.acting_alone.execute(order, ivan, token(day, "ivan"))
    assert (wipes(day), len(process(day).ledger.read_bytes().splitlines())) == (0, 1)


@ALONE
async def test_the_store_went_back_and_the_ledger_did_not(day: Office) -> None:
    """A store that went back asks the process once more, and gets the same answer as before."""
    order, ivan = await asked_by_ivan(day), day.tenant.world.user("ivan").id
    taken = await snapshot(day.redis_url)
    assert await day.bot.journeys.acting_alone.execute(order, ivan, token(day, "ivan")) == DONE
    written = process(day).ledger.read_bytes()

    await restore(day.redis_url, taken)
    assert await day.bot.store.memory.ledger() is None
    await day.poll()
    await day.pass_time(minutes=1)
    assert await day.bot.journeys.acting_alone.execute(await now(day), ivan, token(day, "ivan")) == DONE
    assert (wipes(day), process(day).ledger.read_bytes()) == (1, written)
    assert ((await now(day)).glass[-1].way, (await mark(day)).lines) == (Way.EXECUTED, 2)


@ALONE
async def test_the_store_was_reset_and_the_ledger_was_not(day: Office) -> None:
    """After a reset of the store nobody acts alone until an operator accepts the ledger. Known calls are answered as
    before."""
    await day.break_glass("ivan", "wipe PC-1")
    order = await day.request_id()
    async with Redis.from_url(day.redis_url) as server:
        await server.flushall()
    await day.poll()
    await day.break_glass("ivan", "wipe PC-2", name="PC-2")
    assert (await day.bot.store.memory.ledger(), wipes(day, "PC-2")) == (None, 0)
    assert await ask(day, request_id=order) == (200, DONE)
    assert wipes(day) == 1


@pytest.mark.parametrize("doubted", [False, True], ids=["the ledger alone", "the store as well"])
@ALONE
async def test_an_operator_accepts_the_new_ledger(day: Office, tmp_path: Path, *, doubted: bool) -> None:
    """When an operator accepts the new ledger, that is recorded and told, and one person can act alone again."""
    await wiped_and_put_back(day, NEW)
    before, settings = await mark(day), await settings_for(day, tmp_path)
    if doubted:
        await doubt_the_store(day)
    assert any(before.ledger in line for line in (await operators.store_found(settings)).lines())
    assert "say why" in await accepted(settings, " ")
    assert await mark(day) == before

    said = await accepted(settings, "The host was restored")
    assert ("accepted by root at ops-1." in said, REJOIN in said) == (True, doubted)
    assert await day.bot.store.memory.ledger() is None
    assert "nothing to accept" in await accepted(settings, "Once more")
    [entry] = await day.audit(Kind.STORE_ACCEPTED)
    assert (entry.name, "The host was restored." in entry.why) == ("root at ops-1", True)
    await day.poll()
    await day.break_glass("ivan", "wipe PC-2", name="PC-2")
    assert wipes(day, "PC-2") == 1
    assert (await mark(day)).ledger != before.ledger
    day.tenant.clock.jump(wall_time() + timedelta(minutes=1))  # the shell uses the server's time
    await day.work()
    assert any("accepted by root at ops-1." in told for told in day.alarms())


@ALONE
async def test_a_ledger_that_grew_is_no_alarm(day: Office) -> None:
    """A ledger that has grown raises no alarm, even over restarts and with calls that this bot never made."""
    with capture_logs() as lines:
        await day.break_glass("ivan", "wipe PC-1")
        await ask(day, act="retire", request_id="R0")
        await put_back(day, process(day).ledger.read_bytes())
        await day.break_glass("ivan", "wipe PC-2", name="PC-2")
    assert (wipes(day), wipes(day, "PC-2"), (await mark(day)).lines) == (1, 1, 6)
    assert not [line for line in lines if line["event"] in ("emergency_refused", "not_done_alone")]


@ALONE
async def test_what_is_remembered_never_goes_back(day: Office) -> None:
    """A late answer does not make the bot forget the newer ledger mark that another replica got."""
    bot = day.bots[0]
    assert bot.adapters.alone is not None
    alone = bot.adapters.alone

    class Late:
        async def execute(self, call: AloneCall, assertion: str) -> AloneAnswer:
            answer = await alone.execute(call, assertion)
            assert answer.ledger is not None
            await bot.store.memory.save_ledger(replace(answer.ledger, lines=4))
            return answer

    order, ivan = await asked_by_ivan(day), day.tenant.world.user("ivan").id
    assert await rewired(bot, alone=Late()).journeys.acting_alone.execute(order, ivan, token(day, "ivan")) == DONE
    assert (wipes(day), (await mark(day)).lines) == (1, 4)
