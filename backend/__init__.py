"""The embedded central backend: takes reports in, keeps them, answers questions about them."""
