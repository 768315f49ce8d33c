"""The command stocktake-backend as its package runs it: python -I -B -S /usr/lib/stocktake-backend/main.py."""

import sys

sys.path.insert(0, "/usr/lib/stocktake-backend")

from backend.cli import main

sys.exit(main())
