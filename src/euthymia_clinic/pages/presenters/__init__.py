"""From core values to what a template shows: pure, room by room."""
