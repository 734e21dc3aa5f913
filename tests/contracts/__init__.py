"""Contract tests: every promise of a port holds for its fake and for the real implementation."""
