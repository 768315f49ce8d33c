"""Packages that the package databases list, one file here per database format."""
