"""Microsoft Graph: approval requests, devices and the directory, over one HTTP client that retries reads."""
