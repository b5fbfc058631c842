"""The sheet of a dosing session as data: its fields, what can be typed into them, and the limits that are compared as one types."""
