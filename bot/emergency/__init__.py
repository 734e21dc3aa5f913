"""The separate emergency process: the only way for one person alone to wipe a lost device. Usually off."""
