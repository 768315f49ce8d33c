"""Child processes: limits, one job, one status line."""
