"""Where facts are kept: SQLite by default, PostgreSQL by choice, one schema for both."""
