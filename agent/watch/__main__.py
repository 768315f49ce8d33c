"""The watcher as a program: its word is STATE_DIR."""

from __future__ import annotations

import sys

from agent.watch import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
