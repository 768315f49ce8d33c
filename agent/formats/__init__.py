"""Pure parsers: bytes or lines in, values out; nothing here does I/O."""
