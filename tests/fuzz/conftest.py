"""Inputs that nobody thought of. The same ones in every run, so that a failure is a change's doing."""

from hypothesis import settings

settings.register_profile("fuzz", derandomize=True, deadline=None, max_examples=300, database=None)
settings.load_profile("fuzz")
