"""How the clinic is served: the settings it needs, the server, and the worker beside it."""
