"""What becomes of records: snapshot files, deltas, and the way to the backend; knows only the model."""
