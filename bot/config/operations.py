"""The names of operations in the policy document and in Graph."""

from approvals.kinds import names_of


def _of(*policy_types: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return these access policies, and every type of object that they protect."""
    return frozenset(policy_types), frozenset[str]().union(*map(names_of, policy_types))


KNOWN_OPERATIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    # Policy types (open strings: Graph uses names that are in no schema) and payload types, in lower case. None of them
    # overlap: a request in two workflows would need the approval of both.
    "Role management": _of("role"),
    "Device wipe": _of("devicewipe", "deviceretire", "devicedelete", "deviceaction"),
    "Device deprovisioning": _of("devicedeprovision"),
    "Script deployment": _of("script"),
    "Compliance policy changes": _of("compliancepolicy"),
    "Configuration policy changes": _of("configurationpolicy"),
    "App deployment": _of("app"),
    "Tenant configuration": _of("tenantconfiguration"),
}
"""An operation's name in the policy document, and the values in Graph that identify its requests."""

ACCESS_POLICIES = _of("operationapprovalpolicy")
"""Changes to the access policies themselves."""


def table() -> dict[str, dict[str, list[str]]]:
    """Return the same table for authors of the policy document."""
    return {
        operation: {"policyTypes": sorted(policy_types), "payloadTypes": sorted(kinds)}
        for operation, (policy_types, kinds) in KNOWN_OPERATIONS.items()
    }
