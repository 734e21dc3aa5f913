"""Small working neighbours in memory, for the tests of flows; tests/contracts holds them to what the real ones do."""
