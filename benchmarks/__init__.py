"""How fast: a full Approve click, beside a bare handler on the same server."""
