"""People, the sites they work at, and what they do there."""
