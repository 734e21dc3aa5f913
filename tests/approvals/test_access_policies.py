"""The rules about changes of Intune's access policies."""

from dataclasses import replace

import pytest

from approvals.access_policies import AccessPolicy, HeldOperations, WatchedPolicies, changes_between, unheld_after
from tests.approvals.builders import NOW

WIPES = AccessPolicy("p1", "Device wipe", "deviceWipe", "notApplicable", frozenset({"g1", "g2"}), "Monday")
SCRIPTS = AccessPolicy("p2", "Scripts", "script", "windows10AndLater", frozenset({"g3"}), "Monday")

BOTH = WatchedPolicies((WIPES, SCRIPTS), NOW, NOW)


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
    lost = unheld_after(BOTH, HeldOperations((SCRIPTS,), None))
    later = unheld_after(replace(BOTH, policies=(SCRIPTS,), unheld=lost), HeldOperations((SCRIPTS,), None))
    again = unheld_after(replace(BOTH, policies=(SCRIPTS,), unheld=lost), HeldOperations((WIPES, SCRIPTS), None))

    assert [set(lost), set(later), set(again)] == [{"devicewipe"}, {"devicewipe"}, set()]


def test_one_of_two_policies_of_a_type() -> None:
    """A type is held as long as one policy protects it."""
    two = replace(BOTH, policies=(WIPES, replace(WIPES, id="p3")))
    assert unheld_after(two, HeldOperations((WIPES,), None)) == frozenset()


@pytest.mark.parametrize(
    ("required", "doubted"),
    [
        (None, frozenset()),
        (frozenset({"devicewipe", "script"}), frozenset()),
        (frozenset({"script"}), frozenset({"devicewipe"})),
    ],
)
def test_what_intune_does_not_say_it_holds(required: frozenset[str] | None, doubted: frozenset[str]) -> None:
    """A type with a policy is in doubt if Intune does not name it as held; it counts as unheld the second time. No
    answer raises no doubt."""
    found = HeldOperations((WIPES, SCRIPTS), required)

    assert (found.doubted, unheld_after(BOTH, found)) == (doubted, frozenset())
    assert unheld_after(replace(BOTH, doubted=doubted), found) == doubted
