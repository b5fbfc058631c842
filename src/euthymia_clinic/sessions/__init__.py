"""The sheet of a dosing session: opened, filled in entry by entry as things happen, signed."""
