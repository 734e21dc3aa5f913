"""The answers to commands, on the fakes."""
