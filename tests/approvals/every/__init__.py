"""Every happening in every state: what the rules answer to each, as pages that people read and a test compares."""
