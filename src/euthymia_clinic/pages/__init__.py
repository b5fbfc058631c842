"""What people see: addresses, views, templates. Nothing here decides anything clinical."""
