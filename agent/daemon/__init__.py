"""The only long-lived code: standard library and schedule alone."""
