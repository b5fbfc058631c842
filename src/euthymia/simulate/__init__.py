"""Virtual patients: courses drawn from the engine's own population or from a generator that is not the engine, and their records."""
