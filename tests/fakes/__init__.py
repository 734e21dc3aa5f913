"""Small working neighbours in memory, for the tests of flows. They keep the same contracts as the real ones."""
