"""Exit codes, an interface. 194 and 3010 are never used: runbook services reboot the host on them."""

OK = 0
INTERNAL = 1
USAGE = 2
PARTIAL = 3
FINDINGS = 4
NOT_DELIVERED = 5
LOCKED = 6
TIMEOUT = 124
