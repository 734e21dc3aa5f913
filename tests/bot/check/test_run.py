"""`check` on a simulated tenant: each problem has one line that says what to do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis

from approvals.brake import Brake, Operator
from bot.check.finding import Mark
from bot.check.permissions import MAIL, PERMISSIONS
from bot.store import Store, visit_store
from simulator.story import BOT, SIGN_IN, WORKER
from tests.approvals.builders import NOW
from tests.bot.conftest import SetUp
from tests.bot.forked import ROOT
from tests.bot.processes import run
from tests.bot.store.sentinels import Named, sentinels
from tests.servers import free_port, in_step, redis_cluster, redis_server

KEY = "k" * 32


async def test_a_good_set_up_is_good_throughout(setup: SetUp) -> None:
    """A correct setup has a good line for every identity, the permissions, the store and each workflow."""
    found = await setup.look()

    assert [finding for finding in found if finding.mark is not Mark.GOOD] == []
    told = "\n".join(finding.what for finding in found)
    for expected in (
        "Settings for tenant",
        "4 workflows",
        "The bot starts its own Redis",
        "a token to the bot application",
        "a token to the sign_in application",
        "a token to the worker application",
        "The worker has all permissions to read that it needs",
        "Intune has 7 access policies",
        '"Script deployment": 2 of Security-Admins, Change-Advisory-Board',
        '"Access policy changes": 1 of MAA-Admins',
    ):
        assert expected in told


async def test_settings_that_are_missing_end_it_there(setup: SetUp) -> None:
    """Each missing setting has its line, and nothing else is checked."""
    del setup.environment["COUNTERSIGN_TENANT_ID"], setup.environment["COUNTERSIGN_PUBLIC_URL"]

    found = await setup.look()

    assert [(finding.mark, finding.what) for finding in found] == [
        (Mark.WRONG, "COUNTERSIGN_TENANT_ID: this is missing"),
        (Mark.WRONG, "COUNTERSIGN_PUBLIC_URL: this is missing"),
    ]
    assert "docs/setup.md" in found[0].advice


async def test_every_mistake_in_the_file_has_its_line(setup: SetUp) -> None:
    """Each mistake in the file has a line with its path and the name of the file."""
    setup.configure(decisions="both", channels=["General"])

    first, second = await setup.troubles()

    assert first.what.startswith("countersign.decisions: ")
    assert second.what.startswith("countersign.channels[0]: ")
    assert "approvals.json" in first.advice


@pytest.mark.parametrize(("application", "role"), [(BOT, "BOT"), (WORKER, "WORKER"), (SIGN_IN, "SIGN_IN")])
async def test_a_wrong_secret(setup: SetUp, application: str, role: str) -> None:
    """The line names the application, Entra's code and the variable, but not the secret."""
    setup.set(**{f"{role}_SECRET": "hush"})

    [found] = await setup.troubles()

    assert found.mark is Mark.WRONG
    assert setup.tenant.world.application(application).app_id in found.what
    assert "AADSTS" in found.what
    assert f"COUNTERSIGN_{role}_APP_ID" in found.advice
    assert "hush" not in f"{found}"


@pytest.mark.parametrize("permission", PERMISSIONS, ids=[permission.name for permission in PERMISSIONS])
async def test_a_missing_permission(setup: SetUp, permission: Any) -> None:
    """A missing permission is reported with its reason; only one without which nothing can be decided is wrong."""
    held = setup.tenant.world.application(WORKER).roles
    held -= {permission.name, permission.name.replace("Read.All", "ReadWrite.All")}
    if permission.name.startswith("DeviceManagementRBAC"):
        held -= {"DeviceManagementConfiguration.Read.All"}  # it would be enough, too

    found = [finding for finding in await setup.troubles() if permission.name in finding.what]

    [line] = found
    assert permission.why in line.what
    assert line.mark is (Mark.WRONG if permission.needed else Mark.DOUBTFUL)
    assert "admin consent" in line.advice


async def test_carry_without_anybody_to_sign_in_to(setup: SetUp) -> None:
    """`carry` needs the sign-in application; `track` does not."""
    for name in ("APP_ID", "SECRET"):
        del setup.environment[f"COUNTERSIGN_SIGN_IN_{name}"]

    carrying, glass = await setup.troubles()
    setup.configure(decisions="track")

    assert 'decisions "carry" without a sign-in application' in carrying.what
    assert carrying.mark is Mark.WRONG
    assert "Break-glass approves nothing, because there is no sign-in application" in glass.what
    assert await setup.troubles() == [glass]


GONE = "6f1c0a3e-52a1-4d0f-9b7e-0c8d6a1e4b22"


async def test_groups_and_people_that_are_not_there(setup: SetUp) -> None:
    """Unknown and ambiguous groups and unknown names in `identities` are wrong; an unknown id is doubtful."""
    setup.configure(
        everythingElse={"approverGroups": ["Nobody", "Helpdesk"]},
        identities=[["rita@company.onmicrosoft.com", "typo@x", GONE]],
    )

    typo, gone, nobody, helpdesk = await setup.troubles()

    assert (gone.mark, nobody.mark, helpdesk.mark) == (Mark.DOUBTFUL, Mark.WRONG, Mark.WRONG)
    assert 'countersign.identities: the directory has no account "typo@x"' in typo.what
    assert typo.mark is Mark.WRONG
    assert 'approver group "Nobody": there is no group' in nobody.what
    assert "name one by its object id" in helpdesk.what


async def test_an_empty_group_and_no_channel(setup: SetUp) -> None:
    """An empty group and a missing channel are doubtful, because the bot can run and people may join."""
    setup.tenant.world.group("MAA-Admins").members.clear()
    setup.configure(workflows={"Role management": {"channels": []}})

    no_channel, empty, *_ = await setup.troubles()

    assert no_channel.what == '"Role management" has no channel: its requests are shown nowhere'
    assert empty.what == '"Access policy changes": MAA-Admins has no active members'
    assert {no_channel.mark, empty.mark} == {Mark.DOUBTFUL}


async def test_approvers_without_an_employee_id(setup: SetUp) -> None:
    """An approver without an employee id is doubtful if accounts are linked by it."""
    ivan = setup.tenant.world.user("ivan")
    ivan.employee_id = ""
    [doubt] = await setup.troubles()
    assert doubt.what == f'"Role management": approvers without an employee id: {ivan.upn}'
    assert doubt.mark is Mark.DOUBTFUL
    setup.configure(identities="none")
    assert await setup.troubles() == []


async def test_drift_between_intune_and_the_file(setup: SetUp) -> None:
    """Groups that approve only here or only in Intune are reported."""
    [policy] = [policy for policy in setup.tenant.world.policies.values() if policy.policy_type == "role"]
    helpers = setup.tenant.world.group("Device-Managers").id
    policy.approver_group_ids[:] = [setup.tenant.world.group("IT-Directors").id, helpers]

    missing, more = await setup.troubles()

    assert missing.what == '"Role management": Security-Admins approve here but not in Intune'
    assert '"Roles"' in missing.advice
    assert more.what == f'"Role management": the access policy "Roles" also lets {helpers} approve'


async def test_an_operation_that_intune_does_not_hold_back(setup: SetUp) -> None:
    """An operation without an access policy in Intune is reported."""
    policies = setup.tenant.world.policies
    for policy in [policy for policy in policies.values() if policy.policy_type == "script"]:
        del policies[policy.id]

    [found] = await setup.troubles()

    assert found.what == '"Script deployment" has no access policy in Intune'


async def test_a_redis_that_does_not_answer(setup: SetUp) -> None:
    """It is reported without the password in its address, and the other checks still run."""
    setup.set(REDIS_URL=f"redis://:hush@127.0.0.1:{free_port()}", SESSION_KEY=KEY)

    [found] = await setup.troubles()

    assert found.mark is Mark.WRONG
    assert found.what.startswith("Redis: Redis did not answer")
    assert "COUNTERSIGN_REDIS_URL" in found.advice
    assert "hush" not in f"{found}"


async def test_a_redis_that_evicts(setup: SetUp) -> None:
    """A Redis that evicts keys is wrong, because it would delete approvals when it is full."""
    async with redis_server("--maxmemory-policy", "allkeys-lru") as url:
        setup.set(REDIS_URL=url, SESSION_KEY=KEY)

        [found] = await setup.troubles()

    assert found.mark is Mark.WRONG
    assert "noeviction" in found.advice


async def test_a_redis_that_is_fit(setup: SetUp) -> None:
    """A Redis with safe settings is good."""
    async with redis_server() as url:
        setup.set(REDIS_URL=url, SESSION_KEY=KEY)

        assert await setup.troubles() == []


async def test_a_redis_whose_failover_may_lose_votes(setup: SetUp) -> None:
    """A Redis with a replica is doubtful without `wait_ms`, and good with it."""
    port = free_port()
    primary = redis_server("--port", str(port), "--repl-diskless-sync-delay", "0")
    replica = redis_server("--replicaof", f"127.0.0.1 {port}", "--appendonly", "no")
    async with primary as url, replica, Redis.from_url(url) as server:
        await in_step(server)
        setup.set(REDIS_URL=url, SESSION_KEY=KEY)
        [careless] = await setup.troubles()
        await server.config_set("min-replicas-to-write", 1)
        [half] = await setup.troubles()
        setup.set(REDIS_URL=f"{url}?wait_ms=200")
        careful = await setup.troubles()

    assert careless.mark is Mark.DOUBTFUL
    assert "may lose votes that were already confirmed" in careless.what
    assert "?wait_ms=200" in careless.advice
    assert "min-replicas-to-write is set, but wait_ms is not" in half.what
    assert careful == []


async def test_a_cluster_is_meant_to_have_replicas(setup: SetUp) -> None:
    """A cluster needs `wait_ms`, even if it has no replica now."""
    async with redis_cluster() as url:
        setup.set(REDIS_URL=url, SESSION_KEY=KEY)

        [found] = await setup.troubles()

    assert "A failover of Redis may lose votes" in found.what


async def test_a_redis_that_does_not_tell_its_settings(setup: SetUp) -> None:
    """A Redis that hides its settings is doubtful."""
    async with redis_server() as url, Redis.from_url(url) as server:
        await server.acl_setuser("bot", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@all", "-info"])
        setup.set(REDIS_URL=url.replace("unix://", "unix://bot:pw@"), SESSION_KEY=KEY)

        [found] = await setup.troubles()

    assert found.what == "Redis does not show its settings and replicas"


async def test_a_redis_without_an_append_only_file(setup: SetUp) -> None:
    """A Redis without an append-only file is doubtful."""
    async with redis_server("--appendonly", "no") as url:
        setup.set(REDIS_URL=url, SESSION_KEY=KEY)

        [found] = await setup.troubles()

    assert "appendonly yes" in found.advice


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("redis.example:6379", "must begin with one of redis://, rediss://"),
        ("redis://:se/cret@redis.example", "percent-encode"),
        ("redis://redis.example?cret=1", "known parameters are wait_ms"),
    ],
)
async def test_an_address_that_is_none(setup: SetUp, url: str, sentence: str) -> None:
    """An invalid address is a mistake in the settings, and the line says what a valid one looks like."""
    setup.set(REDIS_URL=url, SESSION_KEY=KEY)

    [found] = await setup.troubles()

    assert found.mark is Mark.WRONG
    assert found.what.startswith("COUNTERSIGN_REDIS_URL: ")
    assert sentence in found.what
    assert "cret" not in f"{found}"


async def test_sentinels_that_do_not_know_us(setup: SetUp) -> None:
    """The advice says that sentinels have users of their own."""
    async with sentinels(Named(1, needs=("watcher", "word"))) as at:
        setup.set(REDIS_URL=at.removesuffix("?"), SESSION_KEY=KEY)
        [found] = await setup.troubles()

    assert "sentinel_username and sentinel_password" in found.advice


async def test_brakes_that_are_on(setup: SetUp) -> None:
    """Each brake is shown with its reason and with what lifts it; a store of another version is wrong."""
    async with redis_server() as url:
        setup.set(REDIS_URL=url, SESSION_KEY=KEY)
        assert "No brake is on" in [finding.what for finding in await setup.look()]
        async with Redis.from_url(url) as raw, closing_store(url, setup) as store:
            await store.brakes.swap(None, Brake("pause", Operator("root", "ops-1"), "Odd wipes.", NOW), [])
            [found] = await setup.troubles()
            assert found.what == "The brake pause has been on since 2026-11-23 08:00 UTC"
            assert "Paused by root at ops-1: Odd wipes." in found.advice
            await raw.set(f"cs:{{{setup.environment['COUNTERSIGN_TENANT_ID']}}}:schema", "999")
            [other] = await setup.troubles()
    assert (other.mark, other.what) == (Mark.WRONG, "The store belongs to another version of Countersign")
    assert "schema 999" in other.advice


@asynccontextmanager
async def closing_store(url: str, setup: SetUp) -> AsyncIterator[Store]:
    """Yield the store of the running bot."""
    store = visit_store(url, setup.environment["COUNTERSIGN_TENANT_ID"])
    try:
        yield store
    finally:
        await store.close()


async def test_the_programs_word_for_good_and_for_wrong(setup: SetUp) -> None:
    """`check` exits with 0 if nothing is wrong, otherwise with 1; then `serve` does not start either."""
    good = await run("check", setup.environment, setup.directory)
    told, _ = await good.communicate()
    setup.configure(everythingElse={"approverGroups": ["Nobody"]})
    bad, refused = [await run(command, setup.environment, setup.directory) for command in ("check", "serve")]
    (complained, _), (_, said) = await bad.communicate(), await refused.communicate()

    assert (good.returncode, bad.returncode, refused.returncode) == (0, 1, 1), told.decode()
    assert "✘" not in told.decode()
    assert '✘ approver group "Nobody"' in complained.decode()
    assert 'approver group "Nobody": there is no group "Nobody"' in said.decode()
    assert "python -m bot check" in said.decode()
    assert "Traceback" not in said.decode()


def test_the_set_up_page_names_every_permission() -> None:
    """docs/setup.md lists every permission with its reason, and the worker gets none to write."""
    page = (ROOT / "docs" / "setup.md").read_text(encoding="utf-8")

    assert [one.name for one in PERMISSIONS if f"| `{one.name}` | {one.why}" not in page] == []
    of_the_worker = page.partition("## 2. The worker")[2].partition("## 3.")[0]
    assert "ReadWrite" not in of_the_worker
    assert f"`{MAIL}`" in of_the_worker
