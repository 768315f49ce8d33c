"""stocktake: an agent that takes stock of a Linux host and sends only metadata."""

__version__ = "0.1.0"
