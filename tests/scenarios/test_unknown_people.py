"""Somebody whom the directory does not know any more: nobody gains a vote by that."""

from simulator.tenant import Tenant
from tests.office import Office, day_with, text_of


def rita_approves(tenant: Tenant) -> None:
    """Rita may approve with her daily account what is not her own."""
    tenant.world.group("Device-Managers").members.add(tenant.world.user("rita").id)


def forget(day: Office, name: str) -> None:
    """Delete an account."""
    del day.tenant.world.users[day.tenant.world.user(name).id]


RITA = day_with(prepare=rita_approves)


@RITA
async def test_who_asked_is_deleted_afterwards(day: Office) -> None:
    """Their other account was known to be theirs, and stays so."""
    filed = day.tenant.portal.file_wipe("ritaadmin", "PC-1", "stolen")
    await day.poll()
    forget(day, "ritaadmin")
    day.tenant.graph.request(filed).modified_at = day.tenant.clock.now()
    await day.poll()
    assert "own request" in text_of((await day.approve("rita", day.card())).card)
    await day.approve("dana", day.card())
    assert "Approved" in text_of(day.card().card)
