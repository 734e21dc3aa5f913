"""Serial numbers that many devices have, because their makers gave them none."""

import pytest

from approvals.serials import is_dummy


@pytest.mark.parametrize(
    "serial",
    [
        "",
        " ",
        "0",
        "00000000",
        "0000-0000",
        "........",
        "FFFFFFFF",
        "xxxxxxx",
        "None",
        "INVALID",
        "N/A",
        "Default string",
        "DEFAULT STRING ",
        "To be filled by O.E.M.",
        "To Be Filled By OEM",
        "System Serial Number",
        "SystemSerialNumber",
        "Not Specified",
        "Not Applicable",
        "Chassis Serial Number",
        "0123456789",
        "unknown",
    ],
)
def test_a_placeholder(serial: str) -> None:
    """In any casing and punctuation."""
    assert is_dummy(serial)


@pytest.mark.parametrize("serial", ["SN-1001", "C02XG2JHJGH5", "5CG0000000", "NONE-7", "00000001", "DEFAULT STRING 2"])
def test_a_serial_number(serial: str) -> None:
    """Also one that has many zeros, or begins like a placeholder."""
    assert not is_dummy(serial)
