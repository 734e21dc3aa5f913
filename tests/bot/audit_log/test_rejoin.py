"""Continuing the log after Redis was lost, an old backup was restored, or the directory was lost."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.audit_log.directory import LogDirectory, LogLost
from bot.audit_log.keys import make_key, read_key
from bot.audit_log.opening import audit_log
from bot.audit_log.reading import EntryFilter
from bot.audit_log.reading import entries as exported
from bot.audit_log.verdict import Result
from bot.cli import operators
from bot.config.environment import Settings
from bot.store import open_store
from tests.bot.audit_log.logs import verdict
from tests.bot.audit_log.rooms import Room, Shelf
from tests.bot.config.test_environment import ENOUGH, TENANT
from tests.fakes.clock import Clock
from tests.office import settings_of
from tests.servers import redis_server


class Site(Room):
    """A room whose log the commands find by the settings."""

    settings: Settings


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Yield a room without audit entries."""
    make_key(tmp_path / "k.pem", "host")
    clock = Clock()
    async with redis_server() as url:
        own = {"AUDIT_KEY": str(tmp_path / "k.pem"), "AUDIT_DIR": str(tmp_path / "log"), "SESSION_KEY": "s" * 32}
        store = await open_store(url, TENANT, "c1", clock=clock)
        made = Site(store, clock, tmp_path / "log", signers=[read_key(tmp_path / "k.pem")])
        environment = ENOUGH | own | {"REDIS_URL": url}
        made.settings = settings_of({f"COUNTERSIGN_{name}": value for name, value in environment.items()})
        yield made
        await store.close()


async def good(site: Site) -> list[str]:
    """Seal, assert that the log verifies, and return the request or the kind of each entry, in order."""
    await site.replica().seal()
    found = verdict(site.path, keys=[signer.verifier() for signer in site.signers])
    assert found.result is Result.GOOD, found.sentence
    fields = list(exported(LogDirectory(site.path), EntryFilter()))
    assert [one["number"] for one in fields] == list(range(1, len(fields) + 1))
    return [one["request"] or one["kind"] for one in fields]


async def test_an_empty_redis(site: Site) -> None:
    """After Redis was emptied, the new entries follow the entries of the log."""
    await site.happens(5, request="R1")
    await site.replica().seal()
    await _emptied(site)
    await site.store.active.visit()
    await site.happens(3, request="R2")
    with pytest.raises(LogLost):
        await site.replica().seal()
    assert "continues after entry 5. Entries that the log does not have yet: 3" in await operators.rejoin(
        site.settings, "The disk of Redis was lost"
    )
    assert await good(site) == ["R1"] * 5 + ["R2"] * 3 + ["rejoined"]
    site.clock.advance(days=1)
    await site.replica().tell()
    assert len([line for line in site.outside.said if line.startswith("Audit checkpoint of 2026-11-23: ")]) == 1
    [said] = [one for one in exported(LogDirectory(site.path), EntryFilter()) if one["kind"] == "rejoined"]
    assert (said["before"], said["after"], said["why"]) == ("entry 0", "entry 5", "The disk of Redis was lost")


async def test_an_old_backup(site: Site) -> None:
    """After an old backup was restored, no entry is sealed twice, and entries that the backup lacks stay in the log."""
    await site.happens(5, request="R1")
    await site.replica().seal()
    await site.happens(2, request="R2")
    backup = {key: await _dumped(site, key) for key in await _keys(site)}
    await site.happens(2, request="R3")
    await site.replica().seal()
    await _restored(site, backup)
    await site.happens(2, request="R4")
    with pytest.raises(LogLost):
        await site.replica().seal()
    await operators.rejoin(site.settings, "A backup was restored")
    assert await good(site) == ["R1"] * 5 + ["R2"] * 2 + ["R3"] * 2 + ["R4"] * 2 + ["rejoined"]


async def test_a_lost_directory(site: Site) -> None:
    """After the directory was lost, a new log begins with the entries that Redis still has, and goes to a new copy."""
    await site.happens(5, request="R1")
    await site.replica().seal()
    site.path.rename(site.path.with_name("lost"))
    await site.happens(2, request="R2")
    with pytest.raises(LogLost):
        await site.replica().seal()
    await operators.rejoin(site.settings, "The volume was lost")
    site.shelf = Shelf()
    assert await good(site) == ["R1"] * 5 + ["R2"] * 2 + ["rejoined"]


async def test_lines_that_nobody_signed(site: Site) -> None:
    """Lines at the end that nobody signed, and that Redis does not have, prove nothing and do not prevent going on."""
    await site.happens(5, request="R1")
    await site.replica().seal()
    with (site.path / "2026-11-23.jsonl").open("ab") as file:
        file.write(b'{"number":6,"kind":"voted"}\n{"numb')
    await _emptied(site)
    await operators.rejoin(site.settings, "The disk of Redis was lost")
    assert await good(site) == ["R1"] * 5 + ["rejoined"]


async def test_a_log_that_was_tampered_with(site: Site) -> None:
    """A log that was tampered with is not continued."""
    await site.happens(5, request="R1")
    await site.replica().seal()
    file = site.path / "2026-11-23.jsonl"
    file.write_bytes(file.read_bytes().replace(b"R1", b"R9", 1))
    await _emptied(site)
    with pytest.raises(LogLost):
        await operators.rejoin(site.settings, "The disk of Redis was lost")
    assert await site.store.sealed.last_number() == 0


async def test_past_keys_are_a_setting(site: Site, tmp_path: Path) -> None:
    """A bot with a new key continues a log that the old key signed only if the settings name the old key."""
    await site.happens(5)
    await site.replica().seal()
    await site.happens(2)
    make_key(tmp_path / "new.pem", "new")
    settings = site.settings.model_copy(update={"audit_key": tmp_path / "new.pem"})
    for past in (None, tmp_path / "k.pub"):
        audit = audit_log(
            settings.model_copy(update={"audit_past_keys": past}), site.telling(), site.clock, site.store, None
        )
        assert audit is not None
        if past:
            assert await audit.seal() == 2
        else:
            with pytest.raises(LogLost, match="signed by no key that is known"):
                await audit.seal()


async def test_what_moves_meanwhile(site: Site) -> None:
    """`rejoin` changes nothing if an entry was written or sealed while the log was read."""
    await site.happens(5, request="R1")
    known = await site.store.sealed.load()
    assert not await site.store.sealed.rejoin(known, known, 4, [])
    assert not await site.store.sealed.rejoin(replace(known, number=3), known, 5, [])
    assert await site.store.sealed.rejoin(known, known, 5, [1, 2, 3, 4, 5])
    assert [number for number, _ in await site.store.requests.audit(0, 10)] == [1, 2, 3, 4, 5]


async def _emptied(site: Site) -> None:
    async with Redis.from_url(_url(site)) as raw:
        await raw.flushall()


async def _keys(site: Site) -> list[str]:
    async with Redis.from_url(_url(site)) as raw:
        return [key.decode() for key in await raw.keys() if isinstance(key, bytes)]


async def _dumped(site: Site, key: str) -> bytes:
    async with Redis.from_url(_url(site)) as raw:
        dumped = await raw.dump(key)
    assert dumped is not None, key
    return dumped


async def _restored(site: Site, backup: dict[str, bytes]) -> None:
    async with Redis.from_url(_url(site)) as raw:
        await raw.flushall()
        for key, value in backup.items():
            await raw.restore(key, 0, value)


def _url(site: Site) -> str:
    assert site.settings.redis_url is not None
    return site.settings.redis_url.get_secret_value()
