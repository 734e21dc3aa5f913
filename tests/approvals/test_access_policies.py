"""The rules about changes of Intune's access policies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.access_policies import AccessPolicy, HeldOperations, WatchedPolicies, changes_between
from tests.approvals.builders import NOW

WIPES = AccessPolicy("p1", "Device wipe", "deviceWipe", "notApplicable", frozenset({"g1", "g2"}), "Monday")
SCRIPTS = AccessPolicy("p2", "Scripts", "script", "windows10AndLater", frozenset({"g3"}), "Monday")

BOTH = WatchedPolicies.first(HeldOperations((WIPES, SCRIPTS), frozenset({"devicewipe", "script"})), NOW)


def unheld(known: WatchedPolicies, *found: HeldOperations) -> list[set[str]]:
    """Return the types that are unheld after each of these comparisons."""
    after = []
    for one in found:
        known = known.then(one, NOW, every=False)
        after.append(set(known.unheld))
    return after


@pytest.mark.parametrize(
    ("now", "how"),
    [
        ((SCRIPTS,), ["deleted"]),
        ((WIPES, SCRIPTS, replace(WIPES, id="p3")), ["created"]),
        ((replace(WIPES, approver_groups=frozenset({"g1"})), SCRIPTS), ["changed"]),
        ((replace(WIPES, policy_type="deviceRetire"), SCRIPTS), ["changed"]),
        ((replace(WIPES, platform="macOS"), SCRIPTS), ["changed"]),
        ((SCRIPTS, WIPES), []),
        ((replace(WIPES, name="Wiping", modified="Tuesday"), SCRIPTS), []),
        ((replace(WIPES, policy_type="DEVICEWIPE", approver_groups=frozenset({"G1", "G2"})), SCRIPTS), []),
    ],
)
def test_what_counts_as_a_change(now: tuple[AccessPolicy, ...], how: list[str]) -> None:
    """A change of type, platform or approver groups counts. Order, name, time and case do not."""
    assert [change.how for change in changes_between((WIPES, SCRIPTS), now)] == how


def test_a_change_of_type_concerns_both_types() -> None:
    """A policy that protects another type now concerns the type that it protected before as well."""
    [change] = changes_between((WIPES,), (replace(WIPES, name="Retiring", policy_type="deviceRetire"),))
    assert (change.name, change.policy_types) == ("Retiring", ["deviceretire", "devicewipe"])


def test_a_type_that_lost_its_policy() -> None:
    """A type that had a policy is unheld until it has one again; a type that never had one is not."""
    lost, again = HeldOperations((SCRIPTS,), None), HeldOperations((WIPES, SCRIPTS), None)
    assert unheld(BOTH, lost, lost, again) == [{"devicewipe"}, {"devicewipe"}, set()]


def test_one_of_two_policies_of_a_type() -> None:
    """A type is held as long as one policy protects it."""
    two = WatchedPolicies.first(HeldOperations((WIPES, replace(WIPES, id="p3")), None), NOW)
    assert unheld(two, HeldOperations((WIPES,), None)) == [set()]


def named(*types: str) -> HeldOperations:
    """Return both policies, where Intune itself says that it holds these types."""
    return HeldOperations((WIPES, SCRIPTS), frozenset(types))


def test_intune_does_not_name_a_type_any_more() -> None:
    """A type that Intune named before, and does not name twice in a row, is unheld until Intune names it again."""
    denied, both, silent = named("script"), named("script", "devicewipe"), HeldOperations((WIPES, SCRIPTS), None)

    assert unheld(BOTH, denied, denied, denied, both) == [set(), {"devicewipe"}, {"devicewipe"}, set()]
    assert unheld(BOTH, denied, both, denied, silent, denied) == [set()] * 5


def test_intune_has_never_named_a_type() -> None:
    """A type that Intune has never named, in a whole installation or for a new policy, raises no doubt: it is not
    documented what it answers to an application."""
    some = WatchedPolicies.first(named("script"), NOW)
    assert unheld(some, named("script"), named("script")) == [set(), set()]
    new = WatchedPolicies.first(HeldOperations((SCRIPTS,), frozenset({"script"})), NOW)
    assert unheld(new, named("script"), named("script")) == [set(), set()]


def test_when_all_were_read() -> None:
    """The time of the last complete reading moves only with one."""
    later = NOW + timedelta(minutes=1)
    assert BOTH.then(named(), later, every=False).read_at == NOW
    assert BOTH.then(named(), later, every=True).read_at == later
