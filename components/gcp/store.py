"""The store of datasets, models and the source of functions: a private bucket of Cloud Storage."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_gcp import kms, storage

from components.gcp.deployment_retries import child
from components.gcp.names import region

OLD_VERSIONS_DAYS = 30  # an overwritten or deleted object can be restored
DELETED_SECONDS = 7 * 24 * 3600  # and any other deleted one, the least that Cloud Storage offers
UNFINISHED_DAYS = 1


class ModelStoreArgs(TypedDict):
    """Inputs of a ModelStore."""

    kms_key: NotRequired[pulumi.Input[str]]
    """The name of a KMS key to encrypt with, projects/.../cryptoKeys/KEY. Default: Google's own keys, at no cost."""
    disposable: NotRequired[pulumi.Input[bool]]
    """True lets `destroy` delete the bucket with all that is in it. Default: no; it fails unless that is empty."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The labels of everything that takes some. Default: none."""


class ModelStore(pulumi.ComponentResource):
    """A bucket: versioned, encrypted, closed to the public, its access ruled by IAM alone."""

    url: pulumi.Output[str]
    """The URL of the store, as trainer and endpoint take it: gs://BUCKET."""
    bucket: storage.Bucket
    """The bucket itself."""

    def __init__(
        self, name: str, args: ModelStoreArgs | None = None, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("serverless-ml:gcp:ModelStore", name, {}, opts)
        args = args or {}
        grants: list[pulumi.Resource] = []
        if "kms_key" in args:
            depends_on = opts.depends_on if opts else None
            grants.append(self._grant_key_use(f"{name}-key", args["kms_key"], depends_on))
        self.bucket = storage.Bucket(
            f"{name}-bucket",
            location=region(),
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning={"enabled": True},
            soft_delete_policy={"retention_duration_seconds": DELETED_SECONDS},
            lifecycle_rules=[
                {
                    "action": {"type": "Delete"},
                    "condition": {"days_since_noncurrent_time": OLD_VERSIONS_DAYS, "with_state": "ARCHIVED"},
                },
                {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": UNFINISHED_DAYS}},
            ],
            encryption={"default_kms_key_name": args["kms_key"]} if "kms_key" in args else None,
            force_destroy=args.get("disposable", False),
            labels=args.get("labels"),
            opts=child(self, *grants),
        )
        self.url = pulumi.Output.format("gs://{}", self.bucket.name)
        self.register_outputs({"url": self.url})

    def _grant_key_use(self, name: str, key: pulumi.Input[str], depends_on: Any) -> kms.CryptoKeyIAMMember:
        """Grants the key to Cloud Storage's own agent, which encrypts; the agent is known after `depends_on`."""
        agent = storage.get_project_service_account_output(opts=pulumi.InvokeOutputOptions(depends_on=depends_on))
        return kms.CryptoKeyIAMMember(
            name,
            crypto_key_id=key,
            role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
            member=agent.member,
            # What was encrypted with an earlier key is read by it still, and so may be what another stack has.
            opts=pulumi.ResourceOptions.merge(child(self), pulumi.ResourceOptions(retain_on_delete=True)),
        )
