"""A secret of Secret Manager that a function or a job finds as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_gcp import secretmanager, serviceaccount

from components.gcp.names import named, project, region
from components.gcp.retries import child, wait_for_readers

LONGEST = 63  # characters of a volume's name; a secret's id may have more
FILE = "value"
NEWEST = "latest"  # which is looked up whenever the file is read: a new value takes no new revision


@dataclass(frozen=True)
class SecretFile:
    """A secret that one account may read, and the volume of the same name; `granted` is what must be there before."""

    name: str
    secret: secretmanager.Secret
    granted: Sequence[pulumi.Resource]

    @property
    def path(self) -> str:
        """Where the file is."""
        return f"{self._folder}/{FILE}"

    @property
    def of_function(self) -> Any:
        """The volume, as a function takes it."""
        return {
            "mount_path": self._folder,
            "project_id": project(),
            "secret": self.secret.secret_id,
            "versions": [{"version": NEWEST, "path": FILE}],
        }

    @property
    def of_job(self) -> Any:
        """The volume, as a job takes it."""
        items = [{"version": NEWEST, "path": FILE}]
        return {"name": self.name, "secret": {"secret": self.secret.secret_id, "items": items}}

    @property
    def of_container(self) -> Any:
        """Where a job's container has the volume."""
        return {"name": self.name, "mount_path": self._folder}

    @property
    def _folder(self) -> str:
        return f"/etc/{self.name}"


def keep_secret(
    name: str,
    value: pulumi.Input[str],
    reader: serviceaccount.Account,
    labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    parent: pulumi.Resource,
) -> SecretFile:
    """The secret with its value, kept where the stack is, for one reader."""
    own_name = named(name, LONGEST)
    secret = secretmanager.Secret(
        name,
        secret_id=own_name,
        # Organizations that rule where things may be refuse what Google puts anywhere.
        replication={"user_managed": {"replicas": [{"location": region()}]}},
        deletion_protection=False,  # its value is in the stack's configuration
        labels=labels,
        opts=child(parent),
    )
    version = secretmanager.SecretVersion(
        f"{name}-version", secret=secret.id, secret_data=pulumi.Output.secret(value), opts=child(parent)
    )
    reading = secretmanager.SecretIamMember(
        f"{name}-reader",
        secret_id=secret.secret_id,
        role="roles/secretmanager.secretAccessor",
        member=reader.member,
        opts=child(parent, after_create=[wait_for_readers]),
    )
    return SecretFile(own_name, secret, [version, reading])
