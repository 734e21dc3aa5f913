"""Fixtures: an Entra tenant over https on loopback, and the key that signs its tokens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.certificate import Authority
from simulator.keys import SigningKey
from tests.bot.entra.signing import Tenant, tenant


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey()


@pytest.fixture
async def here(authority: Authority, ca_file: Path, key: SigningKey) -> AsyncIterator[Tenant]:
    async with tenant(authority, ca_file, key) as opened:
        yield opened
