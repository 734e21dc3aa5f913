"""A tenant for tests that run the program, and the program as people run it."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.audit_log.keys import make_key
from simulator.clock import WallClock
from simulator.tenant import Tenant, tenant
from tests.bot.forked import ROOT, Forked, forked
from tests.office import authority
from tests.servers import free_port

Program = Process | Forked


@asynccontextmanager
async def set_up(directory: Path) -> AsyncIterator[tuple[Tenant, dict[str, str]]]:
    """Yield a tenant that is set up correctly, and the environment that connects the program to it."""
    async with tenant(WallClock(), authority=authority()) as site:
        port = free_port()
        own = {
            "COUNTERSIGN_CONFIG": str(directory / "approvals.json"),
            "COUNTERSIGN_STATE_DIR": str(directory / "state"),
            "COUNTERSIGN_PORT": str(port),
            "COUNTERSIGN_TLS_FILE": str(tls_file(directory)),
        }
        make_key(directory / "audit.pem", "localhost")
        own["COUNTERSIGN_AUDIT_KEY"] = str(directory / "audit.pem")
        own["COUNTERSIGN_AUDIT_DIR"] = str(directory / "audit")
        configure(directory, complete(site))
        yield site, site.environment(directory / "ca.pem", f"https://localhost:{port}") | own


def complete(site: Tenant, **ours: Any) -> dict[str, Any]:
    """Return a complete configuration, with these settings changed."""
    document = site.policy(night=True, outside=True, businessHours={"timeZone": "Europe/Berlin"})
    emergency = document["countersign"]["emergency"]
    emergency["custodians"][site.world.user("emergency-admin-2").upn] = [site.world.user("petra").upn]
    document["countersign"] |= ours
    return document


def configure(directory: Path, document: dict[str, Any]) -> None:
    """Write the configuration file."""
    (directory / "approvals.json").write_text(json.dumps(document), encoding="utf-8")


def tls_file(directory: Path) -> Path:
    """Write key and certificate of localhost, for a bot that serves TLS itself, and return the path."""
    return authority().write_server(directory / "tls.pem")


async def run(command: str, environment: dict[str, str], directory: Path, *more: str, afresh: bool = False) -> Program:
    """Run `python -m bot …` with these settings alone and without input; with `afresh` in a new interpreter."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")} | environment
    if not afresh:
        return await forked([command, *more], clean, directory)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", command, *more),
        cwd=directory,
        env=clean | {"PYTHONPATH": str(ROOT)},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
