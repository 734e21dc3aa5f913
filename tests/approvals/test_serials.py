"""Serial numbers that many devices share, because their makers set none."""

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
    """A placeholder is recognised in any case and with any punctuation."""
    assert is_dummy(serial)


@pytest.mark.parametrize("serial", ["SN-1001", "C02XG2JHJGH5", "5CG0000000", "NONE-7", "00000001", "DEFAULT STRING 2"])
def test_a_serial_number(serial: str) -> None:
    """A real serial number is accepted, even if it has many zeros or begins like a placeholder."""
    assert not is_dummy(serial)
