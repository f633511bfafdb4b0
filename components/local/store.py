"""The store of datasets and models: a private directory of this machine."""

from typing import TypedDict

import pulumi

from components.local.resources import Directory


class ModelStoreArgs(TypedDict):
    """Inputs of a ModelStore."""

    folder: pulumi.Input[str]
    """The home of the stack, relative to the project: `.local/<stack>`. The store is the folder `store` in it."""


class ModelStore(pulumi.ComponentResource):
    """Storage for datasets and models."""

    url: pulumi.Output[str]
    """The URL of the store, as function_code.store.Store takes it."""
    directory: Directory
    """The directory itself."""

    def __init__(self, name: str, args: ModelStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:local:ModelStore", name, {}, opts)
        self.directory = Directory(f"{name}-directory", {"folder": args["folder"]}, pulumi.ResourceOptions(parent=self))
        self.url = self.directory.url
        self.register_outputs({"url": self.url})
