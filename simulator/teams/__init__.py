"""Simulated Teams on loopback: the Bot Connector that the bot writes to, and people's clients."""
