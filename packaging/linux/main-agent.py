"""The command stocktake as its package runs it: python -I -B -S /usr/lib/stocktake/main.py."""

import sys

sys.path.insert(0, "/usr/lib/stocktake")

from agent.cli import command

command()
