"""The Teams app: its manifest, icons and the package that administrators upload."""
