"""The held-out part of events: the items that users took last, and everything later than a moment.

A model learns from what came before the moment. What it recommends is compared with what each user whose last step is
later took then for the first time. The history in a question is all that the user did before that step.
"""

from dataclasses import dataclass

import numpy as np

from function_code.errors import Refused
from function_code.training.histories.events import Events
from function_code.training.table import Array

HELD_OUT_SHARE = 0.2  # of the users, whose last step is held out
MIN_USERS = 20  # whose last step is held out
MAX_USERS = 5_000  # in questions: of more they are drawn


@dataclass(frozen=True)
class Questions:
    """Users whose next items are known: `history` has the events before, `taken` for each user the items taken next."""

    users: Array
    history: Events
    taken: list[Array]

    def steps(self) -> list[list[list[int]]]:
        """The items of each step of each user, as `scoring.neighbours` takes them."""
        history = self.history
        of_users = np.split(np.arange(len(history)), np.searchsorted(history.user, self.users[1:]))
        steps = history.steps
        return [
            [part.tolist() for part in np.split(history.item[own], np.flatnonzero(np.diff(steps[own])) + 1)]
            for own in of_users
        ]


def divide(events: Events, name: str) -> tuple[Events, Questions, float]:
    """The events to learn from, the questions of users whose last step is among the latest, and the moment between.

    Raises Refused if there are fewer than MIN_USERS of them.
    """
    last = _is_last(events)
    ends = events.when[last]
    moment = float(np.quantile(ends, 1 - HELD_OUT_SHARE, method="lower"))
    questions = questions_of(events, events.user[last][ends > moment])
    if len(questions.users) < MIN_USERS:
        repeated = len(np.unique(events.user[events.steps > 0]))
        raise Refused(
            f"to test recommendations, at least {MIN_USERS} users are needed who took something new at the end, after "
            f"something else before, among the latest {HELD_OUT_SHARE:.0%}; {name} has {len(questions.users)}, and "
            f"{repeated:,} of its {len(events.users):,} users have events at more than one time"
        )
    return events.where(events.when <= moment), questions, moment


def divide_again(learn: Events, name: str) -> tuple[Events, Questions]:
    """The events without the last step of users, drawn at random, and the questions about that. Raises Refused."""
    last = _is_last(learn)
    questions = questions_of(learn, learn.user[last])
    if len(questions.users) < MIN_USERS:
        raise Refused(
            f"at least {MIN_USERS} users with two steps are needed to learn recommendations; {name} has "
            f"{len(questions.users)} before the latest {HELD_OUT_SHARE:.0%}"
        )
    has_question = np.isin(learn.user, questions.users)
    return learn.where(~has_question | ~is_last_step(learn)), questions


def questions_of(events: Events, users: Array) -> Questions:
    """The questions of those of some users that took something new in their last step, and something before.

    Of more than MAX_USERS so many are drawn.
    """
    is_last, of_users = is_last_step(events), np.isin(events.user, users)
    before, ends = events.where(of_users & ~is_last), events.where(of_users & is_last)
    owned = np.isin(_pairs(ends), _pairs(before))
    able = np.intersect1d(ends.user[~owned], before.user)
    if len(able) > MAX_USERS:
        able = np.sort(np.random.default_rng(0).choice(able, MAX_USERS, replace=False))
    new = ends.where(~owned & np.isin(ends.user, able))
    taken = np.split(new.item, np.flatnonzero(np.diff(new.user)) + 1)
    return Questions(able, before.where(np.isin(before.user, able)), [np.unique(items) for items in taken])


def is_last_step(events: Events) -> Array:
    """Marks the events at their user's last moment."""
    steps = events.steps
    latest = np.zeros(len(events.users), dtype=int)
    np.maximum.at(latest, events.user, steps)
    return np.asarray(steps == latest[events.user])


def _is_last(events: Events) -> Array:
    return np.asarray(np.r_[events.user[1:] != events.user[:-1], True])


def _pairs(events: Events) -> Array:
    return np.asarray(events.user.astype(np.int64) * len(events.items) + events.item)
