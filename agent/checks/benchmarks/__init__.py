"""Benchmarks as tables, a folder each with a file for each chapter, and the conditions that they name."""
