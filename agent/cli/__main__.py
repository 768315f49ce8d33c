"""python -m agent.cli is the command stocktake."""

import sys

from agent.cli import main

sys.exit(main())
