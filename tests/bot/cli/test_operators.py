"""The commands with which operators control a running bot from a shell."""

import os
import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from approvals.audit import Kind
from approvals.brake import Brake, Operator, store_brake
from approvals.causes import RequestRanUnheld
from approvals.refusals import OtherWay
from bot.__main__ import main
from bot.cli import operators
from bot.config.environment import Settings
from cards.brakes import answer
from simulator.clock import wall_time
from tests.bot.processes import run
from tests.office import Office, office, settings_of, text_of

OPS = Operator("root", "ops-1")


async def settings_for(day: Office, directory: Path) -> Settings:
    """Return the settings of a shell on the bot's host."""
    environment = day.tenant.environment(directory / "ca.pem", day.urls[0])
    return settings_of(
        environment | {"COUNTERSIGN_REDIS_URL": day.redis_url, "COUNTERSIGN_SESSION_KEY": "s" * 32},
    )


async def test_a_pause_from_a_shell_stops_every_replica(tmp_path: Path) -> None:
    """A pause names its operator and is reported in the operations channel; two shells do not count as two people."""
    async with office(tmp_path, asking=True, replicas=2) as day:
        settings = await settings_for(day, tmp_path)
        assert "Paused by root at ops-1: Odd wipes." in answer(await operators.pause(settings, OPS, "Odd wipes"))
        assert [brake.name for brake in await operators.brakes(settings)] == ["pause"]
        for bot in day.bots:
            assert [brake.why for brake in await bot.store.brakes.on()] == ["Odd wipes."]
        day.tenant.clock.jump(wall_time() + timedelta(minutes=1))  # the shell uses the server's time
        await day.work()
        assert day.alarms()[-1].startswith("Paused by root at ops-1: Odd wipes.")

        assert (await operators.pause(settings, OPS, "")).refusal
        assert "the first reason stays" in answer(await operators.pause(settings, OPS, "again"))
        assert not (await operators.resume(settings, OPS)).refusal
        assert (await operators.resume(settings, replace(OPS, user="sre"))).refusal
        assert [brake.name for brake in await operators.brakes(settings)] == ["pause"]
        await day.say("sam", "/resume")
        assert await operators.brakes(settings) == ()
        assert await day.bot.store.active.why_not() == ""


async def test_a_lock_is_lifted_from_a_shell(tmp_path: Path) -> None:
    """A lock is lifted by its name; the brake of the store is not, and the refusal says what lifts it."""
    async with office(tmp_path) as day:
        settings, store = await settings_for(day, tmp_path), day.bot.store
        now = await store.clock.now()
        for brake in (
            store_brake("It was reset.", now),
            Brake("type:devicewipe", None, "", now, cause=RequestRanUnheld("R1")),
        ):
            await store.brakes.swap(None, brake, [])
        refused = (await operators.unlock(settings, OPS, "store")).refusal
        assert isinstance(refused, OtherWay)
        assert refused.at_shell == "python -m bot store accept"
        assert not (await operators.unlock(settings, OPS, "deviceWipe")).refusal
        assert [brake.name for brake in await operators.brakes(settings)] == ["store"]


def test_who_is_at_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator is named as the host knows them; a container's user may have no name."""
    monkeypatch.setenv("LOGNAME", "olga")
    assert operators.who_operates() == Operator("olga", socket.gethostname())
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    assert operators.who_operates().user == f"user {os.getuid()}"


async def test_the_brakes_as_a_shell_shows_them(tmp_path: Path) -> None:
    """The command lists each brake with its name, or says that there is none."""
    async with office(tmp_path) as day:
        own = {"COUNTERSIGN_REDIS_URL": day.redis_url, "COUNTERSIGN_SESSION_KEY": "s" * 32}
        environment = day.tenant.environment(tmp_path / "ca.pem", day.urls[0]) | own
        free, _ = await (await run("brakes", environment, tmp_path)).communicate()
        await operators.pause(await settings_for(day, tmp_path), OPS, "Odd wipes")
        paused, _ = await (await run("brakes", environment, tmp_path)).communicate()
    assert free.decode().strip() == "No brake is on."
    assert "Odd wipes" in paused.decode()
    assert "No other brake is on." in paused.decode()


async def test_a_review_from_a_shell(tmp_path: Path) -> None:
    """A completed request that bypassed the bot can be reviewed; those who took part cannot close the review."""
    async with office(tmp_path, night=True) as day:
        settings = await settings_for(day, tmp_path)
        filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
        await day.poll()
        day.tenant.portal.approve("sam", filed)
        day.tenant.portal.complete("rita", filed)
        await day.pass_time(minutes=1)
        await day.poll()
        assert await day.bot.store.requests.open_ids() == ()
        sam = day.tenant.world.user("sam").id

        assert await operators.open_review(settings, filed, "Teams was down", [sam])
        assert not await operators.open_review(settings, "01M83PPH00NZTGPD", "Teams was down", [])
        day.tenant.clock.jump(wall_time() + timedelta(minutes=1))  # the shell uses the server's time
        await day.work()
        [card] = day.reviews()
        assert [entry.why for entry in await day.audit(Kind.REVIEW_OPENED)] == ["Opened by an operator: Teams was down"]
        assert "Opened by an operator: Teams was down" in text_of(card.card)
        assert "You had a part" in text_of((await day.click("sam", "review", card)).card)
        assert "justified" in text_of((await day.click("dana", "review", card)).card)


@pytest.mark.parametrize("arguments", [["pause"], ["unlock"], ["release"], ["dance"]])
def test_a_command_that_lacks_something(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An incomplete command shows its usage."""
    monkeypatch.setattr("sys.argv", ["bot", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_without_settings(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without settings the command says what is missing and does nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["bot", "brakes"])
    assert main() == 1
    assert "COUNTERSIGN_TENANT_ID" in capsys.readouterr().err
