"""Checks of the container's files that are possible without building the image."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import pytest
from aiohttp import web

from bot.audit_log.keys import PUBLIC
from bot.config.environment import PREFIX, Settings
from tests.servers import free_port
from tests.test_architecture import LAYERS

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")


async def health_check(port: int) -> int:
    """Run the image's health check with this Python against that port, and return its exit status."""
    found = re.search(r"^HEALTHCHECK .*? CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert found is not None
    command = json.loads(found[1].replace("    ", ""))
    environment = os.environ | {"COUNTERSIGN_PORT": str(port), "http_proxy": "http://127.0.0.1:1"}
    asked = await asyncio.create_subprocess_exec(
        sys.executable, *command[1:], env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    return await asked.wait()


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
async def test_the_health_check_believes_healthz(status: int, healthy: bool) -> None:
    """The health check succeeds if `/healthz` answers 200, even with a proxy in the environment."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()

        assert (await health_check(port) == 0) is healthy
    finally:
        await runner.cleanup()


async def test_the_health_check_notices_silence() -> None:
    """The health check fails if nothing listens."""
    assert await health_check(free_port()) != 0


def test_the_image_holds_the_product_alone() -> None:
    """The image contains the four product packages and nothing else, and the build can see nothing more."""
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE)

    assert sorted(copied) == sorted(LAYERS)
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == {*LAYERS, "requirements.txt"}


def test_the_image_runs_as_nobody_in_particular() -> None:
    """The image runs as a user with a number that is not root's."""
    user = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)[-1]

    assert "0" not in user


@pytest.mark.parametrize("text", [DOCKERFILE, COMPOSE], ids=["Dockerfile", "compose.yaml"])
def test_every_setting_that_the_container_makes_exists(text: str) -> None:
    """Every setting in the container's files exists: a misspelt variable would be ignored without a message."""
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    made = set(re.findall(rf"\b({PREFIX}[A-Z_]+)[=:]", text))

    assert made
    assert made <= settings


def test_redis_keeps_what_it_acknowledged() -> None:
    """Redis writes every acknowledged vote to disk, and never drops data when memory is short."""
    found = re.search(r"^    command: (\[.*\])$", COMPOSE, re.MULTILINE)
    assert found is not None
    words = json.loads(found[1])
    options = dict(zip(words[1::2], words[2::2], strict=True))

    assert options == {"--appendonly": "yes", "--appendfsync": "always", "--maxmemory-policy": "noeviction"}


def test_the_audit_is_sealed_and_outlives_the_container() -> None:
    """The audit directory is on a named volume that all replicas share, and both halves of the key are secrets."""
    made = dict(re.findall(r"^      (COUNTERSIGN_\w+): (\S+)$", COMPOSE, re.MULTILINE))
    volumes = dict(re.findall(r"^      - (\w+):(/\w+)$", COMPOSE, re.MULTILINE))
    key = Path(made["COUNTERSIGN_AUDIT_KEY"])

    assert volumes["audit"] == str(Path(made["COUNTERSIGN_AUDIT_DIR"]).parent)
    assert re.search(r"^  audit:$", COMPOSE, re.MULTILINE)
    for half in (key, key.with_suffix(PUBLIC)):
        assert half.parent == Path("/run/secrets")
        assert re.search(rf"^  {re.escape(half.name)}:\n    file: ./{re.escape(half.name)}$", COMPOSE, re.MULTILINE)
