"""What the flows rely on: every promise of a port, held by the fake of it and by the real thing alike."""
