"""How hard the laws are tried: LAWS=deep for a long night."""

import os

from hypothesis import settings

settings.register_profile("laws", max_examples=60, deadline=None)
settings.register_profile("deep", max_examples=3_000, deadline=None)
settings.load_profile(os.environ.get("LAWS", "laws"))
