"""A secret that the user gave, for the processes that the provider starts."""

from hashlib import sha256
from pathlib import Path

from components.local.provider.files import home_of, private_folder, read_private, remove, write_private
from components.local.provider.resource_kind import ResourceKind, Run
from components.local.provider.values import Values


class Secret(ResourceKind):
    """A file that only its owner can read. Inputs: folder, name, value. Outputs: sha256.

    The value comes from the stack's configuration, where it is encrypted, as it is in Pulumi's state.
    """

    def drifted_outputs(self, old: Values) -> list[str]:
        content = read_private(secret_file(old["folder"], old["name"]))
        return [] if sha256(content).hexdigest() == old["sha256"] else ["sha256"]

    def preview(self, old: Values, new: Values) -> Values:
        return {"sha256": sha256(new["value"].encode()).hexdigest()}

    def create(self, new: Values, run: Run) -> Values:
        private_folder(home_of(new["folder"]))
        write_private(secret_file(new["folder"], new["name"]), new["value"].encode())
        return self.preview({}, new)

    def delete(self, old: Values) -> None:
        remove(secret_file(old["folder"], old["name"]))


def secret_file(folder: str, name: str) -> Path:
    """The file of a secret."""
    return home_of(folder) / name
