"""Copies of the whole clinic, taken while it runs, and brought back only after they were proven."""
