"""`euthymia demo`: real people of two trials as a list, then three contrasting people from verdict to letter."""
