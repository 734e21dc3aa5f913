"""Microsoft Graph: approval requests, devices and the directory, over one patient HTTP client."""
