"""The page that a patient keeps: the link to it, who made it, and what it shows."""
