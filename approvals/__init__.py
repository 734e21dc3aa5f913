"""The approval rules: who may decide, how many people are needed, and what follows. Pure: no clock, no I/O, no
logging."""
