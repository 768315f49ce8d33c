"""The only long-lived code: a clock that starts short-lived workers. Standard library and schedule alone.

It never holds a record, never parses the configuration and never talks to the network; what it knows
is the plan (plan.py), which it reads at start and after a reload.
"""
