"""Builds what stocktake is installed with: packages, a single file, and whatever else packaging/build names."""
