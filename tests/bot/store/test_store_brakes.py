"""Brakes on Redis; tests/contracts has the tests for every store."""

from dataclasses import replace

from redis.asyncio import Redis

from approvals.audit import AuditEntry, Kind
from approvals.brake import PAUSE, Brake
from approvals.people import Person
from bot.store import Store
from tests.approvals.builders import NOW

RITA = Person("rita", "Rita Rossi")
PAUSED = Brake(PAUSE, RITA, "Too many wipes.", NOW)
ENTRY = AuditEntry(Kind.PAUSED, NOW)


async def test_a_brake_is_known_whatever_the_order_of_its_accounts(store: Store, raw: Redis) -> None:
    """A brake can be lifted although its accounts are stored in another order."""
    rita = Person("rita", "Rita Rossi", frozenset({"rita", "adm-rita"}))
    brake = replace(PAUSED, by=rita)
    assert await store.brakes.swap(None, brake, [ENTRY])
    text = str(await raw.hget("cs:{tenant}:brakes", PAUSE))
    one, other = '["rita","adm-rita"]', '["adm-rita","rita"]'
    turned = text.replace(one, other) if one in text else text.replace(other, one)
    assert turned != text
    await raw.hset("cs:{tenant}:brakes", PAUSE, turned)
    assert await store.brakes.swap(brake, None, [ENTRY])
    assert await store.brakes.on() == ()
