"""The rules of approval: who may decide, how many it takes, and what follows. Pure: no clock, no I/O, no log."""
