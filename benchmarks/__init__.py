"""The performance of a full Approve click, compared with a bare handler on the same server."""
