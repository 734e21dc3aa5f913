"""Fixtures: an Entra tenant over https on loopback, and the key that signs its tokens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.certificate import Authority
from simulator.keys import SigningKey
from tests.bot.entra.signing import Tenant, tenant


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def ca_file(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.write(tmp_path_factory.mktemp("ca") / "ca.pem")


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey()


@pytest.fixture
async def here(authority: Authority, ca_file: Path, key: SigningKey) -> AsyncIterator[Tenant]:
    async with tenant(authority, ca_file, key) as opened:
        yield opened
