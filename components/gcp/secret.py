"""A secret of Secret Manager that a function or a job finds as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_gcp import secretmanager, serviceaccount

from components.gcp.deployment_retries import child, wait_for_readers
from components.gcp.names import project, region, unique_name

MAX_NAME_LENGTH = 63  # of a volume; a secret's id may have more
FILE = "value"
NEWEST = "latest"  # which is looked up whenever the file is read: a new value takes no new revision


@dataclass(frozen=True)
class SecretFile:
    """A secret that one account may read, and the volume of the same name; `depends_on` is what its reader needs."""

    name: str
    secret: secretmanager.Secret
    depends_on: Sequence[pulumi.Resource]

    @property
    def path(self) -> str:
        """The path of the file."""
        return f"{self._folder}/{FILE}"

    @property
    def for_function(self) -> Any:
        """The volume, as a function takes it."""
        return {
            "mount_path": self._folder,
            "project_id": project(),
            "secret": self.secret.secret_id,
            "versions": [{"version": NEWEST, "path": FILE}],
        }

    @property
    def for_job(self) -> Any:
        """The volume, as a job takes it."""
        items = [{"version": NEWEST, "path": FILE}]
        return {"name": self.name, "secret": {"secret": self.secret.secret_id, "items": items}}

    @property
    def for_container(self) -> Any:
        """The mount of the volume in a job's container."""
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
    own_name = unique_name(name, MAX_NAME_LENGTH)
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
    access = secretmanager.SecretIamMember(
        f"{name}-reader",
        secret_id=secret.secret_id,
        role="roles/secretmanager.secretAccessor",
        member=reader.member,
        opts=child(parent, after_create=[wait_for_readers]),
    )
    return SecretFile(own_name, secret, [version, access])
