"""How properties are tried: without a clock (timings belong to `make bench`), and with the same examples every time."""

import os

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize="EUTHYMIA_EXAMPLES" not in os.environ)
settings.load_profile("house")
