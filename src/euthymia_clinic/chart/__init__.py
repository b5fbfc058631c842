"""The record of each patient: its tables, who may see it, what may be done to it, what is asked of it."""
