"""Which tests run, where their temporary files are kept, and the certificates and keys that they share."""

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from simulator.certificate import Authority
from simulator.keys import SigningKey
from tests.servers import stop_the_shared_server

IN_MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30
"""Bytes that must be free in `IN_MEMORY` to use it. A container has less."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--all`."""
    parser.addoption("--all", action="store_true", help="also what is marked as extra: repetitions, and the trial")


def pytest_configure(config: pytest.Config) -> None:
    """Keep temporary files in memory where there is room, because every write of a store waits for its disk. With
    `--all`, try more examples of each property."""
    if "TMPDIR" not in os.environ and IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM:
        os.environ["TMPDIR"] = str(IN_MEMORY)
        tempfile.tempdir = None
    settings.register_profile("here", deadline=None, max_examples=500 if config.getoption("--all") else 50)
    settings.load_profile("here")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the tests that are marked `waits` first. Without `--all`, skip the tests that are marked `extra`."""
    items.sort(key=lambda item: item.get_closest_marker("waits") is None)
    if config.getoption("--all"):
        return
    for item in items:
        if item.get_closest_marker("extra"):
            item.add_marker(pytest.mark.skip(reason="extra: `make test-all` runs it, and so does pytest with --all"))


def pytest_sessionfinish() -> None:
    """Stop the server that tests share."""
    stop_the_shared_server()


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking at imported modules again and again: they stay until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Return the certificate authority of every loopback server."""
    return Authority()


@pytest.fixture(scope="session")
def ca_file(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file with the certificate of the authority."""
    return authority.write(tmp_path_factory.mktemp("ca") / "ca.pem")


@pytest.fixture(scope="session")
def entra_key() -> SigningKey:
    """Return the key with which the simulated Entra signs."""
    return SigningKey()
