"""One certificate authority and one signing key for all of the simulator's own tests: they take time to make."""

from pathlib import Path

import pytest

from simulator.certificate import Authority
from simulator.keys import SigningKey


@pytest.fixture(scope="session")
def authority() -> Authority:
    """The CA that every simulated service's certificate comes from."""
    return Authority()


@pytest.fixture(scope="session")
def ca_file(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CA's certificate, for clients that want a file."""
    return authority.write(tmp_path_factory.mktemp("ca") / "ca.pem")


@pytest.fixture(scope="session")
def entra_key() -> SigningKey:
    """What Entra signs with."""
    return SigningKey()
