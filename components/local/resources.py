"""The resources of the provider beside, as a Pulumi program sees them. What each means is said at its kind there."""

from collections.abc import Mapping
from typing import Any

import pulumi


class Directory(pulumi.CustomResource):
    """The directory that plays the bucket."""

    url: pulumi.Output[str]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("localml:index:Directory", name, {**inputs, "url": None}, opts)


class Dataset(pulumi.CustomResource):
    """A CSV file in the store."""

    key: pulumi.Output[str]
    sha256: pulumi.Output[str]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("localml:index:Dataset", name, {**inputs, "key": None, "sha256": None}, opts)


class Secret(pulumi.CustomResource):
    """A secret of the user's in a file of the stack's home."""

    sha256: pulumi.Output[str]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        hidden = pulumi.ResourceOptions(additional_secret_outputs=["value"])
        options = pulumi.ResourceOptions.merge(opts, hidden)
        super().__init__("localml:index:Secret", name, {**inputs, "sha256": None}, options)


class Pull(pulumi.CustomResource):
    """A dataset in the store that comes from a table of Airtable."""

    key: pulumi.Output[str]
    sha256: pulumi.Output[str]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("localml:index:Pull", name, {**inputs, "key": None, "sha256": None}, opts)


class WriteBack(pulumi.CustomResource):
    """The predictions in a table of Airtable."""

    version: pulumi.Output[str]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("localml:index:WriteBack", name, {**inputs, "version": None, "records": None}, opts)


class TrainingRun(pulumi.CustomResource):
    """A trained version of the model."""

    version: pulumi.Output[str]
    promoted: pulumi.Output[bool]
    metrics: pulumi.Output[dict[str, float]]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        outputs = dict.fromkeys(("version", "promoted", "metrics"))
        super().__init__("localml:index:TrainingRun", name, {**inputs, **outputs}, opts)


class Scores(pulumi.CustomResource):
    """The scores of files that were put into the store."""

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("localml:index:Scores", name, {**inputs, "scored": None}, opts)


class Token(pulumi.CustomResource):
    """The secret that callers show."""

    sha256: pulumi.Output[str]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("localml:index:Token", name, {**inputs, "sha256": None}, opts)


class Certificate(pulumi.CustomResource):
    """The server's certificate and its authority."""

    server: pulumi.Output[str]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("localml:index:Certificate", name, {**inputs, "server": None}, opts)


class Server(pulumi.CustomResource):
    """The process that answers requests."""

    url: pulumi.Output[str]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("localml:index:Server", name, {**inputs, "url": None}, opts)
