"""What operations are called: in the policy document, and in Graph."""

KNOWN_OPERATIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    # Policy types (open strings: Graph has names that no schema lists) and payload types, in lower case.
    "Role management": (frozenset({"role"}), frozenset({"roledefinition", "deviceandappmanagementroledefinition"})),
    "Device wipe": (frozenset({"devicewipe", "deviceretire", "devicedelete", "deviceaction"}), frozenset()),
    "Script deployment": (frozenset({"script"}), frozenset({"devicemanagementscript", "devicehealthscript"})),
    "Compliance policy changes": (frozenset({"compliancepolicy"}), frozenset({"devicecompliancepolicy"})),
}
"""What the policy document calls an operation, and how Graph tells that a request is one."""

ACCESS_POLICIES = (frozenset({"operationapprovalpolicy"}), frozenset({"operationapprovalpolicy"}))
"""Changes to the access policies themselves."""
