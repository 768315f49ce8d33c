"""State that checks judge, one kind in each module: read through the system's root and proc, resolved as its program would."""
