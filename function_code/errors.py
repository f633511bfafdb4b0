"""Expected failures: their text, one line, is all that a user sees."""


class Refused(Exception):
    """Something the user can mend: the text says what is wrong, where, and what to do."""


class NotFound(Refused):
    """An object, a model or a version that is not there."""


class Conflict(Refused):
    """Somebody else wrote first: a create-only object exists, or a conditional write lost."""


class Unreachable(Refused):
    """The store did not answer, or did not let us in: the same thing, tried again, may succeed."""
