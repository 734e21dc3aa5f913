"""A stored call can be read by this installation alone, and only for the request that it was stored for."""

import pytest

from bot.store.vault import FernetVault
from handlers.ports.orders import Call

WIPE = Call("POST", "/beta/deviceManagement/managedDevices/d/wipe", b'{"keepUserData":false}\xff')
OLD, NEW = "o" * 32, "n" * 32


def test_a_call_comes_back_to_the_byte() -> None:
    """A stored call is read back exactly, because Intune compares the repeated call with the one that it holds."""
    vault = FernetVault(OLD)
    assert vault.open("R1", vault.seal("R1", WIPE)) == WIPE
    assert "wipe" not in vault.seal("R1", WIPE)


def test_a_call_of_another_request_is_refused() -> None:
    """A call that was stored for another request is refused, so nobody can exchange calls in the store."""
    vault = FernetVault(OLD)
    with pytest.raises(ValueError, match="another request"):
        vault.open("R2", vault.seal("R1", WIPE))


def test_keys_can_be_changed_while_orders_wait() -> None:
    """After a change of the key, the new key seals and the old key still opens; without the old key the call cannot be
    read."""
    sealed = FernetVault(OLD).seal("R1", WIPE)
    assert FernetVault(NEW, OLD).open("R1", sealed) == WIPE
    with pytest.raises(ValueError, match="another key"):
        FernetVault(NEW).open("R1", sealed)
    with pytest.raises(ValueError, match="another key"):
        FernetVault(OLD).open("R1", sealed[:-4] + "AAAA")


def test_a_marker_is_proved_by_the_installation_that_made_it() -> None:
    """A marker is proved with the key that made it, also after a change of the key, and not with another key."""
    proof = FernetVault(OLD).proof("R1")
    assert len(proof) == 8
    assert FernetVault(NEW, OLD).proves("R1", proof)
    assert not FernetVault(OLD).proves("R2", proof)
    assert not FernetVault(NEW).proves("R1", proof)
