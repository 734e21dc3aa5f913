"""Serial numbers that are none: what firmware says where its maker has written nothing, the same on every device."""

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
"""Letters and digits alone. Collected from MSEndpointMgr/CloudLAPS#58, #3 and #39, lf-edge/eve#6381,
tailscale/tailscale#12566 and es128/serial-number#7."""


def is_dummy(serial: str) -> bool:
    """Whether this names no device: a placeholder in any casing and punctuation, or one sign again and again."""
    signs = "".join(filter(str.isalnum, serial.casefold()))
    return signs in _PLACEHOLDERS or len(set(signs)) == 1
