"""What can be written to the bot: the words, and what a line becomes."""
