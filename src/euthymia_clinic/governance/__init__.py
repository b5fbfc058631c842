"""What the medical lead and the auditor do: the effect of a change before it is made, exports, backups."""
