"""Prediction over HTTPS: a function app, for callers with a key or an identity in Entra ID."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import web

from components.azure.callers import audience, check_callers, require_token
from components.azure.flex_package import flex
from components.azure.function import FunctionApp, FunctionSettings
from components.azure.names import container_of
from components.azure.roles import grant_endpoint
from components.inputs.checks import check_model

MEMORY_MB = 512  # the least that there is, with a quarter of a processor
MAX_INSTANCES = 10
CONCURRENCY = 16  # requests at once in an instance: a prediction takes the processor for some milliseconds


class EndpointArgs(TypedDict):
    """Inputs of an Endpoint."""

    resource_group: pulumi.Input[str]
    """The name of the resource group that it is in."""
    insights: pulumi.Input[str]
    """The id of the Application Insights that it tells what happens."""
    connection: pulumi.Input[str]
    """The connection string of that, which is no secret where keys are off."""
    account: pulumi.Input[str]
    """The id of the storage account that the store is in."""
    store: pulumi.Input[str]
    """The URL of a ModelStore. The endpoint follows the pointer in it, whoever moves that."""
    model: pulumi.Input[str]
    """The name of the model to serve."""
    entra_client_id: NotRequired[str]
    """The application in Entra ID that callers get their tokens for. Default: they have one of the app's keys."""
    callers: NotRequired[Sequence[str]]
    """The object ids, in Entra ID, of those that may call with a token: users, identities, service principals. Default:
    nobody."""
    public: NotRequired[bool]
    """True lets anybody on the internet call; the app declares it by the tag public: declared. Default: no."""
    cors: NotRequired[Sequence[pulumi.Input[str]]]
    """The origins whose pages may call from a browser, such as https://example.com. Default: none."""
    memory: NotRequired[int]
    """MB: 512, 2048 or 4096. Default: 512."""
    reserved_concurrency: NotRequired[int]
    """The most instances at once, of which each takes 16 requests. Default: 10."""
    provisioned_concurrency: NotRequired[int]
    """Instances that are kept warm, and paid for day and night. Default: none."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class Endpoint(pulumi.ComponentResource):
    """A private HTTPS endpoint. Until a model serves, it answers 503."""

    url: pulumi.Output[str]
    """The URL at which it answers: POST /predict, GET /openapi.json and so on."""
    curl: pulumi.Output[str]
    """A command that asks what is predicted, and from which features."""
    app: web.WebApp
    """The app that answers."""

    def __init__(self, name: str, args: EndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__("serverless-ml:azure:Endpoint", name, {}, opts)
        self._args = args
        function_app = FunctionApp(name, self._settings(), self)
        self.app = function_app.app
        container = pulumi.Output.format(
            "{}/blobServices/default/containers/{}", args["account"], container_of(args["store"])
        )
        depends_on: list[pulumi.Resource] = [
            grant_endpoint(name, container, function_app.identity.principal_id, args["model"], self)
        ]
        if "entra_client_id" in args:
            # Before the code, which itself lets everybody in.
            depends_on.append(require_token(f"{name}-callers", args, self.app, self, function_app.settled))
        function_app.publish(*depends_on)
        self.url = pulumi.Output.format("https://{}", self.app.default_host_name)
        self.curl = pulumi.Output.all(self.url, args["model"], args["resource_group"], self.app.name).apply(
            lambda values: self._command(*values)
        )
        self.register_outputs({"url": self.url, "curl": self.curl})

    def _settings(self) -> FunctionSettings:
        args = self._args
        without_key = args.get("public") or "entra_client_id" in args
        tags = args.get("tags")
        if args.get("public"):
            # That anybody may call is declared where auditors look for it, and policies.
            tags = pulumi.Output.from_input(tags or {}).apply(lambda tags: {**tags, "public": "declared"})
        site: dict[str, Any] = {"cors": {"allowed_origins": list(args["cors"])}} if "cors" in args else {}
        return FunctionSettings(
            package="serving",
            platform=flex("ANONYMOUS" if without_key else "FUNCTION"),
            resource_group=args["resource_group"],
            insights=args["insights"],
            connection=args["connection"],
            environment={
                "STORE": args["store"],
                "MODEL": args["model"],
                "AzureWebJobsDisableHomepage": "true",  # ours is there instead
            },
            memory=args.get("memory", MEMORY_MB),
            instances=(args.get("provisioned_concurrency", 0), args.get("reserved_concurrency", MAX_INSTANCES)),
            concurrency=CONCURRENCY,
            tags=args.get("tags"),
            app_tags=tags,
            site=site,
        )

    def _command(self, url: str, model: str, group: str, app: str) -> str:
        address = f"{url}/v1/models/{model}"
        if self._args.get("public"):
            return f"curl {address}"
        if "entra_client_id" in self._args:
            resource = audience(self._args["entra_client_id"])
            fetch = f"az account get-access-token --resource {resource} --query accessToken --output tsv"
            header = "authorization: Bearer"
        else:
            fetch = f"az functionapp keys list -g {group} -n {app} --query functionKeys.default --output tsv"
            header = "x-functions-key:"
        # By standard input: what stands on a command line, every user of the machine can see.
        return f"{fetch} | sed 's/.*/header = \"{header} &\"/' | curl -K - {address}"


def _check(args: EndpointArgs) -> None:
    """Raises RunError for inputs that exclude each other, or that can't be."""
    check_model(args["model"])
    check_callers(args.get("callers", []), args.get("entra_client_id"), public=args.get("public", False))
