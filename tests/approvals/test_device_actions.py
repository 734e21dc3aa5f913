"""Actions on devices: their names, and which requests are about devices."""

import pytest

from approvals.device_actions import action_of, is_on_device
from approvals.order import Act


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("wipe", "wipe"),
        ("Factory Reset", "wipe"),
        ("factory_reset", "wipe"),
        ("removeCompanyData", "retire"),
        ("deviceRetire", "retire"),
        ("Delete", "delete"),
        ("deprovision", "deprovision"),
        ("RotateKeys", "rotatekeys"),
        ("", ""),
        ("-", "-"),
    ],
)
def test_one_name_for_each_action(name: str, action: str) -> None:
    """Every known name leads to one word; an unknown name stays, in lower case."""
    assert action_of(name) == action


def test_the_acts_of_chat_have_these_names() -> None:
    """What can be requested in chat has the same words, and the same access policies."""
    for act in Act:
        if act.is_on_device:
            assert action_of(act.value) == act.value
            assert is_on_device("", [act.policy_type])


@pytest.mark.parametrize(
    ("name", "policy_types", "on_device"),
    [
        ("wipe", [], True),
        ("factoryReset", ["somethingNew"], True),
        ("", ["DeviceWipe"], True),
        ("rotateKeys", ["deviceAction"], True),
        ("delete", ["app"], False),
        ("delete", ["App", "somethingNew"], False),
        ("rotateKeys", [], False),
        ("", [], False),
    ],
)
def test_which_requests_are_about_devices(name: str, policy_types: list[str], on_device: bool) -> None:
    """The access policy tells, or else the action, unless the access policy is that of another type."""
    assert is_on_device(name, policy_types) is on_device
