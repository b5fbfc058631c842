"""The monitoring form of the esketamine REMS, filled from the record, and the days by which forms are due."""
