"""python -m agent.cli is the command stocktake."""

from agent.cli import command

command()
