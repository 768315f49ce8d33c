"""Answers about hosts from what the store holds; every query is bounded by a page."""
