"""The audit as a log that can be proved: sealed, signed, kept, and verified by anybody with the public key."""
