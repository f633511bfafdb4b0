"""The gates of a recommender: parity, better than what is popular, not worse than what serves.

Qualities are the NDCG of held-out users, one number for each; those of two models are compared in pairs.
"""

import json
from typing import Any

import numpy as np

from function_code.errors import Refused
from function_code.registry import Registry
from function_code.schema import RECOMMENDATION
from function_code.scoring import scorer
from function_code.training.gates import Comparison, Gate, margin
from function_code.training.histories.events import Events
from function_code.training.histories.held_out import Questions
from function_code.training.histories.ranking import ndcg
from function_code.training.histories.search import TOP, Trial
from function_code.training.histories.similarity import Similarity, discounted
from function_code.training.table import Array

TOLERANCE = 1e-9  # of a difference between the tables' scores and the matrix's
MAX_COMPARED_USERS = 500
MAX_NEIGHBOURS = 100  # of an item: 450 kB for 1,000 items


def parity(model: Similarity, document: dict[str, Any], questions: Questions) -> Gate:
    """Compares what the tables score with what the model does, for held-out histories and for none."""
    served = scorer.load(json.loads(json.dumps(document, allow_nan=False)))
    users = min(MAX_COMPARED_USERS, len(questions.users))
    shares = discounted(questions, len(model.popularity), model.half_life)[:users]
    own = np.vstack([shares @ model.weights + model.popularity, model.popularity])
    tables = np.array(served.score([*([steps] for steps in questions.steps()[:users]), [[]]]))
    largest = float(np.abs(own - tables).max())
    text = f"largest difference from the trained model {largest:.1e} for {users:,} held-out users, and for a new one"
    return Gate("parity", largest <= TOLERANCE, f"{text}, allowed {TOLERANCE:.0e}")


def better_than_popularity(own: Array, popular: Array) -> Gate:
    """`own` and `popular` are qualities."""
    text = f"held-out NDCG@{TOP} {own.mean():.4f}, that of what is popular {popular.mean():.4f}"
    return Gate("baseline", bool(own.mean() > popular.mean()), text)


def chance_warnings(own: Array, popular: Array) -> list[str]:
    """A warning if `own` is better than `popular` by no more than chance makes it."""
    if not 0 < (own - popular).mean() <= margin(own - popular):
        return []
    return ["the model is hardly better than recommending what is popular: the difference may well be chance"]


def not_worse_than_serving(
    registry: Registry, serving: str | None, own: Array, learn: Events, questions: Questions, item: str
) -> Comparison:
    """Compares with what the serving version would be if it had learned from the same events.

    Its tables may have learned from what is held out here, and would be compared with their own memory.
    """
    if serving is None:
        return Comparison("serving", True, "nothing serves yet")
    which = f"version {serving}, which serves,"
    try:
        manifest = registry.manifest(serving)
        if (manifest["task"], manifest["target"]) != (RECOMMENDATION, item):
            other = f"does {manifest['task']} of {manifest['target']!r}, not {RECOMMENDATION} of {item!r}"
            why = f"{other}; what is another model can have a name of its own by the setting model"
            return Comparison("serving", True, f"{which} {why}", serving)
        chosen = next(each for each in manifest["candidates"] if each["chosen"])
        model = Trial(chosen["name"], chosen["setting"]).fit(learn).cut(MAX_NEIGHBOURS)
    except (Refused, ValueError, KeyError, StopIteration, TypeError) as error:
        return Comparison("serving", True, f"{which} cannot be compared ({error!r})", serving)
    theirs = ndcg(model.recommend(questions, TOP), questions.taken)
    worse = theirs - own
    text = f"held-out NDCG@{TOP} {own.mean():.4f}, that of the serving version {serving} {theirs.mean():.4f}"
    passed = bool(worse.mean() <= margin(worse) + TOLERANCE)
    return Comparison("serving", passed, f"{text}, learned anew from the same events", serving, theirs)
