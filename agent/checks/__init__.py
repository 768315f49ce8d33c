"""CIS configuration checks: typed values by topic."""
