"""Who did what, and who read what: append-only, chained by hashes, so that a change leaves a trace."""
