"""What a person needs to see whether a model is any good."""

import logging

# Without a home to write to, matplotlib keeps its font cache in a temporary directory, and says so when imported.
logging.getLogger("matplotlib").setLevel(logging.ERROR)
