"""Every event in every state: what the rules answer, as pages that people read and that a test compares."""
