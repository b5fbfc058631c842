"""What patients fill in: what is asked when, the link to it, reminders, the answers as they come."""
