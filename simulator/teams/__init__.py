"""Teams on loopback: the Bot Connector that the bot writes to, and the clients that people click in."""
