"""The addresses, one module a room."""
