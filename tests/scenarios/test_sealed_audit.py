"""The audit of whole days is sealed, exported, and read again from the log alone."""

import argparse
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from bot import app
from bot.audit_log.directory import LogDirectory, LogLost
from bot.audit_log.reading import EntryFilter, entries, story
from bot.audit_log.reconcile import Reconciled
from bot.audit_log.service import HOT
from bot.audit_log.verdict import Result
from bot.audit_log.verify import verify
from bot.cli import audit as cli
from bot.cli import operators
from bot.config.environment import Settings
from tests.office import Office, day_with, served, settings_of, sign_in_link, text_of
from tests.scenarios.test_break_glass import in_native_group, now, wipe_waits
from tests.scenarios.test_reviews import close

NIGHT = day_with(night=True, asking=True, prepare=in_native_group)


async def seal(day: Office) -> LogDirectory:
    """Seal everything that has happened, and return the log."""
    assert day.bot.audit_log is not None
    await day.bot.audit_log.seal()
    await day.bot.audit_log.tell()
    return day.bot.audit_log.directory


def told(log: LogDirectory, request_id: str) -> list[str]:
    """Return the story of one request from the log alone."""
    return [line.split("UTC  ")[1] for line in story(entries(log, EntryFilter(request=request_id)))]


@NIGHT
async def test_the_log_alone_tells_every_story(day: Office) -> None:
    """The log alone tells who did what, how that person was identified, and why: votes, refusals, decisions, Intune's
    answers, emergencies and reviews."""
    request = await wipe_waits(day)
    await day.click("rita", "approve", day.card())
    await day.client("otto").invoke(day.card(), _confirm(request.id, request.digest), "manual")
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    day.tenant.portal.complete("rita", request.intune_id or "")
    await day.pass_time(minutes=1)
    await day.poll()
    first = request.id

    await day.ask("rita", "/wipe PC-2", typed="PC-2")
    second = (await now(day)).id
    await day.break_glass("ivan", second, name="PC-2")
    await day.pass_time(minutes=1)
    await close(day, "dana", day.reviews()[-1])
    await day.work()
    log = await seal(day)

    lines = told(log, first)
    for expected in (
        "Rita Rossi (in Intune) asked to wipe PC-1: Stolen on the train",
        "Card posted",
        "Otto Okafor (in Teams) was refused: Only members of",
        "Dana Diaz (in Teams) voted to approve",
        "The quorum was reached: 1 of 1 approval",
        "Dana Diaz (signed in) asked Intune to approve it",
        "Intune accepted the approval of Dana Diaz (signed in)",
        "Intune shows it as completed",
    ):
        assert any(expected in line for line in lines), (expected, lines)
    lines = told(log, second)
    for expected in (
        "Rita Rossi (signed in) asked to wipe PC-2: Stolen on the train",
        "Ivan Ilic (signed in) broke the glass; the quorum was set aside",
        "Review opened, due 2026-11-26",
        "Countersign filed it in Intune",
        "Dana Diaz (in Teams) closed the review as justified",
    ):
        assert any(expected in line for line in lines), (expected, lines)
    assert [fields["number"] for fields in entries(log, EntryFilter())] == list(range(1, len(await day.audit()) + 1))
    verifiers = [signer.verifier() for signer in day.bot.audit_log.signers] if day.bot.audit_log else []
    assert verify(log, verifiers).result is Result.GOOD


@NIGHT
async def test_nothing_secret_is_in_it(day: Office) -> None:
    """The log contains no token and no application secret."""
    await wipe_waits(day)
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    log = await seal(day)
    everything = b"".join(line for one in log.days() for line in log.lines(one))
    assert b"eyJ" not in everything
    for application in day.tenant.world.applications.values():
        assert application.secret.encode() not in everything


@day_with(night=True, asking=True, prepare=in_native_group, own_server=True)
async def test_sealing_survives_a_restart_of_the_store(day: Office) -> None:
    """After a restart of the store, sealing goes on without a gap and without a repeated entry."""
    await wipe_waits(day)
    log = await seal(day)
    assert day.server is not None
    await day.server.stop()
    await day.server.start()
    await day.approve("dana", day.card())
    await seal(day)
    numbers = [fields["number"] for fields in entries(log, EntryFilter())]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == len(await day.audit())


@NIGHT
async def test_the_daily_checkpoint_leaves_the_host(day: Office) -> None:
    """The last checkpoint of a day is told in the operations channel."""
    await wipe_waits(day)
    await seal(day)
    await day.pass_time(hours=20)
    await day.click("rita", "approve", day.card())
    await day.approve("dana", day.card())
    await seal(day)
    assert any(line.startswith("Audit checkpoint of 2026-11-23: ") for line in day.alarms())


@NIGHT
async def test_what_is_sealed_and_old_leaves_redis(day: Office) -> None:
    """Only entries that are sealed and old are removed from Redis."""
    await wipe_waits(day)
    before = len(await day.audit())
    await seal(day)
    await day.pass_time(days=HOT.days + 1)
    day.tenant.portal.file_wipe("rita", "PC-2", "Stolen as well")
    await day.poll()
    log = await seal(day)
    left = await day.audit()
    assert 0 < len(left) < before + 20
    assert all(entry.at > day.tenant.clock.now() - HOT - timedelta(hours=1) for entry in left)
    assert len(list(entries(log, EntryFilter()))) > len(left)


@NIGHT
async def test_a_log_that_is_not_there_any_more(day: Office) -> None:
    """If the log has disappeared, sealing stops, and the operators hear of it once."""
    await wipe_waits(day)
    log = await seal(day)
    for file in log.path.iterdir():
        file.unlink()
    await day.approve("dana", day.card())
    assert day.bot.audit_log is not None
    with pytest.raises(LogLost):
        await day.bot.audit_log.seal()
    for _ in range(3):
        await day.bot.audit_log.round()
    assert len([line for line in day.alarms() if "the audit is not sealed any more" in line]) == 1


@NIGHT
async def test_the_commands(day: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands verify, show and export work, and return the right exit statuses."""
    request = await wipe_waits(day)
    await day.approve("dana", day.card())
    log = await seal(day)
    assert day.bot.audit_log is not None
    key = tmp_path / "log.pub"
    key.write_text("\n".join(signer.verifier().text() for signer in day.bot.audit_log.signers))

    assert _run("verify", "--log", str(log.path), "--key", str(key)) == 0
    assert "All 5 entries match what was sealed." in capsys.readouterr().out
    assert _run("show", request.id, "--log", str(log.path)) == 0
    assert "Dana Diaz (in Teams) voted to approve" in capsys.readouterr().out
    table = tmp_path / "log.csv"
    export = ("export", "--log", str(log.path), "--format", "csv", "--person", "dana", "--output", str(table))
    assert _run(*export) == 0
    assert all("Dana Diaz" in line for line in table.read_text().splitlines()[1:])
    assert (
        _run("export", "--log", str(log.path), "--operation", "device wipe", "--output", str(tmp_path / "w.jsonl")) == 0
    )
    assert len((tmp_path / "w.jsonl").read_text().splitlines()) == 5
    capsys.readouterr()

    file = log.path / f"{log.days()[0]}.jsonl"
    file.write_bytes(file.read_bytes().replace(b"Dana Diaz", b"Dina Diaz"))
    assert _run("verify", "--log", str(log.path), "--key", str(key)) == 1
    assert "was changed" in capsys.readouterr().out
    assert _run("verify", "--log", str(tmp_path / "none"), "--key", str(key)) == cli.NOT_DONE
    assert "there is no log" in capsys.readouterr().err


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    cli.add_commands(parser.add_subparsers())
    return cli.run(parser.parse_args(["audit", *words]))


def _confirm(request_id: str, digest: str) -> dict[str, object]:
    data = {"request": request_id, "fingerprint": digest[:12]}
    return {"type": "Action.Execute", "verb": "confirm-approve", "data": data}


@NIGHT
async def test_intunes_own_audit_is_compared(day: Office, tmp_path: Path) -> None:
    """Comparing Intune's own audit reports an approval that nobody noticed, and no approval that we know."""
    request = await wipe_waits(day)
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    settings = _shell(day, tmp_path)
    since = request.filed_at - timedelta(hours=1)
    assert await operators.reconcile(settings, since) == Reconciled()

    unseen = day.tenant.portal.file_wipe("rita", "PC-2", "Nobody was looking")
    day.tenant.portal.approve("sam", unseen)
    [sentence] = (await operators.reconcile(settings, since)).unseen
    assert "sam@company.onmicrosoft.com approved wipe PC-2, and it is not known here" in sentence


@NIGHT
async def test_an_approval_by_somebody_else_is_told(day: Office, tmp_path: Path) -> None:
    """A vote by one person here does not hide another person's approval in Intune."""
    request = await wipe_waits(day)
    await day.approve("dana", day.card())
    day.tenant.portal.approve("sam", request.intune_id or "")
    settings = _shell(day, tmp_path)
    [sentence] = (await operators.reconcile(settings, request.filed_at)).unseen
    assert f"sam@company.onmicrosoft.com approved PC-1, and our records do not say so ({request.id})" in sentence
    await day.pass_time(minutes=1)
    await day.poll()  # now the bot knows
    assert await operators.reconcile(settings, request.filed_at) == Reconciled()


@NIGHT
async def test_what_nobody_has_any_more_is_not_comparable(day: Office, tmp_path: Path) -> None:
    """An approval whose request Intune no longer shows is reported as not comparable."""
    gone = day.tenant.portal.file_wipe("rita", "PC-2", "Nobody was looking")
    day.tenant.portal.approve("sam", gone)
    since = day.tenant.clock.now().astimezone(timezone(timedelta(hours=2))) - timedelta(minutes=1)
    await day.pass_time(days=40)
    found = await operators.reconcile(_shell(day, tmp_path), since)
    assert found.unseen == []
    [sentence] = found.unclear
    assert "cannot be compared" in sentence


def _shell(day: Office, directory: Path) -> Settings:
    """Return the settings of a shell on the bot's host."""
    environment = day.tenant.environment(directory / "ca.pem", day.urls[0])
    return settings_of(
        environment | {"COUNTERSIGN_REDIS_URL": day.redis_url, "COUNTERSIGN_SESSION_KEY": "s" * 32},
    )


@NIGHT
async def test_how_long_something_waits_to_be_sealed(day: Office) -> None:
    """`/readyz` says how long the oldest entry has waited to be sealed."""

    async def unsealed() -> float:
        async with (
            served(app.application(day.bot)) as port,
            day.tenant.session.get(f"https://localhost:{port}/readyz") as answer,
        ):
            return float((await answer.json())["seconds_unsealed"])

    await wipe_waits(day)
    await seal(day)
    assert await unsealed() == 0
    await day.approve("dana", day.card())
    await day.pass_time(minutes=90)
    assert 5400 <= await unsealed() < 5500
    await seal(day)
    assert await unsealed() == 0


@NIGHT
async def test_auditors_ask_in_chat(day: Office) -> None:
    """Auditors can ask in chat for the trail of a request and for the latest decisions; nobody else can."""
    request = await wipe_waits(day)
    await day.approve("dana", day.card())
    [trail] = await day.say("olga", f"/audit {request.id}")
    for said in ("Audit", "Wipe PC-1", "asked to wipe PC-1", "Dana Diaz (in Teams) voted to approve", "The quorum was"):
        assert said in text_of(trail.card)
    await day.ask("rita", "/wipe PC-2", typed="PC-2")
    [second] = set(await day.bot.store.requests.open_ids()) - {request.id}
    await day.say("rita", f"/cancel {second}")
    [lately] = await day.say("olga", "/history")
    for said in ("Wipe PC-1", "The quorum was reached", request.id, "Wipe PC-2", "Rita Rossi (in Teams) took it back"):
        assert said in text_of(lately.card)
    assert "Only auditors" in (await day.say("dana", "/history"))[0].text
    assert "Only auditors" in (await day.say("rita", f"/audit {request.id}"))[0].text


@NIGHT
async def test_a_silent_channel_stops_no_sealing(day: Office) -> None:
    """A checkpoint that cannot be told does not keep the next day from being sealed."""
    await wipe_waits(day)
    await seal(day)
    audit = day.bot.audit_log
    assert audit is not None
    audit._telling = replace(audit._telling, operations_channel="19:nowhere@thread.tacv2")
    await day.pass_time(hours=20)
    await day.approve("dana", day.card())
    log = await seal(day)
    assert len(list(entries(log, EntryFilter()))) == len(await day.audit())
