"""Small working neighbours in memory, for the tests of flows. tests/contracts checks that they act like the real
ones."""
