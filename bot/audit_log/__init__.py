"""The audit as a verifiable log: sealed, signed, kept, and verified by anybody with the public key."""
