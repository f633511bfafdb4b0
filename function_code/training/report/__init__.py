"""The report of a version: all that a person needs to judge the model."""

import logging

# Without a home to write to, matplotlib keeps its font cache in a temporary directory, and says so when imported.
logging.getLogger("matplotlib").setLevel(logging.ERROR)
