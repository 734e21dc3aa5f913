"""`Vault`: what one installation seals or proves, another can neither open nor prove."""

from collections.abc import Callable

import pytest

from approvals.asking import Marker, marker_in
from bot.store.vault import FernetVault
from handlers.ports.orders import Call, Vault
from tests.fakes.orders import Vault as FakeVault

CALL = Call("POST", "/beta/deviceManagement/managedDevices/d1/wipe", b'{"keepUserData":false}')
OURS, THEIRS = "o" * 32, "t" * 32

Make = Callable[[str], Vault]


@pytest.fixture(params=[FakeVault, FernetVault], ids=["fake", "real"])
def vault(request: pytest.FixtureRequest) -> Make:
    """Return how a vault is made from a key."""
    make: Make = request.param
    return make


def test_a_sealed_call_is_opened_to_the_byte(vault: Make) -> None:
    """A sealed call is opened unchanged by every process with the same key, and the sealed text does not show it."""
    sealed = vault(OURS).seal("R1", CALL)
    assert vault(OURS).open("R1", sealed) == CALL
    assert "wipe" not in sealed


@pytest.mark.parametrize(("key", "request_id"), [(OURS, "R2"), (THEIRS, "R1")])
def test_a_call_is_opened_for_its_own_request_by_its_own_key(vault: Make, key: str, request_id: str) -> None:
    """A call is opened only for its own request and with its own key; otherwise it is a `ValueError`."""
    sealed = vault(OURS).seal("R1", CALL)
    with pytest.raises(ValueError, match="sealed"):
        vault(key).open(request_id, sealed)


def test_a_proof_is_of_one_installation_and_one_request(vault: Make) -> None:
    """A proof holds for one installation and one request, and is the same every time."""
    proof = vault(OURS).proof("R1")
    assert marker_in(f"Countersign {'0' * 16}-{proof}, asked by Rita") == Marker("0" * 16, proof)
    assert vault(OURS).proves("R1", proof)
    assert not vault(OURS).proves("R2", proof)
    assert not vault(THEIRS).proves("R1", proof)
