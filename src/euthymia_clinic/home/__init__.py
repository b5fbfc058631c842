"""Doses at home: those that wait to be logged, what a patient says of one, and what staff hand out."""
