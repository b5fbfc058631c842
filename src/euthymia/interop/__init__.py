"""Translations between a patient's record and the formats of the world outside: native JSON, CSV, FHIR R4.

Pure: text or decoded JSON in, records out, and the reverse. Files are read by `euthymia.reading` alone. Nothing is
dropped silently: every reader returns the record *and* what it skipped, where and why.
"""
