"""What the provider asks of each kind of local resource."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from components.local.provider.files import home_of
from components.local.provider.values import Values
from function_code.errors import Refused

Problem = tuple[str, str]  # the input, and what is wrong with it


@dataclass(frozen=True)
class Run:
    """What an operation has of its surroundings."""

    log: Callable[[str], None]
    warn: Callable[[str], None]
    cancelled: Event


class Kind:
    """Base of the kinds. `new` are a resource's inputs; `old` is its state, which is inputs and outputs together.

    The kinds hold no data of their own. A plain `pulumi up` never reads a resource, but it always compares it: that is
    where each kind looks at the world (`lost`), so that the next `up` mends what was damaged since the last.
    """

    # Inputs that, when left out, mean "as it is".
    optional: tuple[str, ...] = ()

    def check(self, old: Values, new: Values) -> list[Problem]:
        """What is wrong with the inputs; asked before anything is touched, at previews too."""
        try:
            home_of(new.get("folder", ".local/stack"))
        except Refused as problem:
            return [("folder", str(problem))]
        return []

    def changed(self, old: Values, old_inputs: Values, new: Values) -> list[str]:
        """The inputs that ask for something else than there is."""
        removed = [key for key in old_inputs if key not in new and key not in self.optional]
        return [key for key in new if new[key] != old.get(key)] + removed

    def lost(self, old: Values) -> list[str]:
        """The outputs that no longer hold in the world."""
        raise NotImplementedError

    def gone(self, old: Values) -> bool:
        """Whether so much is lost that the resource has to be made anew; asked by `pulumi refresh`."""
        return bool(self.lost(old))

    def foresee(self, old: Values, new: Values) -> Values:
        """The outputs, as far as a preview can know them; the state is empty if there is no resource yet."""
        raise NotImplementedError

    def create(self, new: Values, run: Run) -> Values:
        """Makes the resource; returns its outputs."""
        raise NotImplementedError

    def update(self, old: Values, new: Values, run: Run) -> Values:
        """Mends or changes the resource; returns its outputs."""
        return self.create(new, run)

    def delete(self, old: Values) -> None:
        """Leaves no trace. What is gone already is no error."""
        raise NotImplementedError
