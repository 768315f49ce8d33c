"""Plain values that every other layer shares; nothing here does I/O."""
