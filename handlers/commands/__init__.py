"""Commands in chat: their words, and how a line is parsed."""
