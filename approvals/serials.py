"""Placeholder serial numbers: firmware without a real number reports the same text on every device."""

_PLACEHOLDERS = frozenset(
    {
        "",
        "0123456789",
        "123456789",
        "1234567890",
        "chassisserialnumber",
        "default",
        "defaultstring",
        "empty",
        "filledbyoem",
        "invalid",
        "na",
        "nil",
        "none",
        "noserial",
        "noserialnumber",
        "notapplicable",
        "notavailable",
        "notprovided",
        "notset",
        "notspecified",
        "null",
        "oem",
        "serial",
        "serialnumber",
        "systemserialnumber",
        "tobefilledbyoem",
        "undefined",
        "unknown",
        "unspecified",
    }
)
"""Letters and digits only. Collected from MSEndpointMgr/CloudLAPS#58, #3 and #39, lf-edge/eve#6381,
tailscale/tailscale#12566 and es128/serial-number#7."""


def is_dummy(serial: str) -> bool:
    """Return whether this identifies no device: a placeholder in any case and punctuation, or one repeated
    character."""
    signs = "".join(filter(str.isalnum, serial.casefold()))
    return signs in _PLACEHOLDERS or len(set(signs)) == 1
