"""Proof of the catalog by its own cases."""
