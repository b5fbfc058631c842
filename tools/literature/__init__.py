"""The published ketamine trials as figures, designs and simulated people. Used by tools/check_literature.py and tools/fit_ketamine.py."""
