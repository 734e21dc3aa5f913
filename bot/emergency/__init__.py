"""The separate emergency process: the one way in which one person alone can have a lost device wiped. Usually off."""
