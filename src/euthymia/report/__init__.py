"""Renderings of a `Review`: chart, page, terminal. Nothing here decides anything clinical."""
