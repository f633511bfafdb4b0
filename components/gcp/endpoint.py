"""Prediction over HTTPS: a function of Cloud Run, for callers that are allowed."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_gcp import cloudfunctionsv2, serviceaccount

from components.gcp.callers import check_caller, short
from components.gcp.deployment_retries import child
from components.gcp.domain import Domain, DomainArgs
from components.gcp.function import FunctionSettings, grant_invoke, make_function
from components.gcp.roles import account, grant_endpoint
from components.gcp.upload_code import Builder
from components.inputs.checks import check_model

MEMORY_MIB = 512  # with one processor, without which an instance takes one request at a time
TIMEOUT_SECONDS = 30
MAX_INSTANCES = 5
CONCURRENCY = 16  # requests at once in an instance: a prediction takes the processor for some milliseconds


class EndpointArgs(TypedDict):
    """Inputs of an Endpoint."""

    store: pulumi.Input[str]
    """The URL of a ModelStore. The endpoint follows the pointer in it, whoever moves that."""
    model: pulumi.Input[str]
    """The name of the model to serve."""
    callers: NotRequired[Sequence[str]]
    """The principals of IAM that may call, such as serviceAccount:NAME@PROJECT.iam.gserviceaccount.com. Default:
    nobody."""
    public: NotRequired[bool]
    """True lets anybody on the internet call; the function declares it by its label public: declared. Default: no."""
    domain: NotRequired[DomainArgs]
    """A domain name of yours to answer under, by a load balancer that is paid for day and night. Default: the name that
    Cloud Run gives."""
    cors: NotRequired[Sequence[pulumi.Input[str]]]
    """The origins whose pages may call from a browser, such as https://example.com; needs public. Default: none."""
    memory: NotRequired[pulumi.Input[int]]
    """MiB; processors come with them. Default: 512."""
    reserved_concurrency: NotRequired[int]
    """The most instances at once, of which each takes 16 requests. Default: 5."""
    provisioned_concurrency: NotRequired[int]
    """Instances that are kept warm, and paid for day and night. Default: none."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The labels of everything that takes some. Default: none."""


class Endpoint(pulumi.ComponentResource):
    """A private HTTPS endpoint. Until a model serves, it answers 503."""

    url: pulumi.Output[str]
    """The URL at which it answers: POST /predict, GET /openapi.json and so on."""
    curl: pulumi.Output[str]
    """A command that asks what is predicted, and from which features."""
    function: cloudfunctionsv2.Function
    """The function that answers."""
    account: serviceaccount.Account
    """The account that reads the model."""

    def __init__(self, name: str, args: EndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__("serverless-ml:gcp:Endpoint", name, {}, opts)
        self._name, self._args = name, args
        self.account = account(name, "answers", self)
        self.function = make_function(name, self._settings(), self)
        if args.get("public"):
            grant_invoke(f"{name}-public", self.function, "allUsers", self)
        for caller in args.get("callers", []):
            grant_invoke(f"{name}-caller-{short(caller)}", self.function, caller, self)
        self.url = self.function.service_config.apply(lambda service: str(service and service.uri))
        if "domain" in args:
            domain: DomainArgs = {**args["domain"], "labels": args.get("labels", {})}
            self.url = Domain(f"{name}-domain", domain, self.function, child(self)).url
        self.curl = pulumi.Output.all(self.url, args["model"]).apply(self._command)
        self.register_outputs({"url": self.url, "curl": self.curl})

    def _settings(self) -> FunctionSettings:
        name, args, store = self._name, self._args, self._args["store"]
        labels = args.get("labels", {})
        environment: dict[str, Any] = {"STORE": store, "MODEL": args["model"]}
        if "cors" in args:
            environment["CORS"] = pulumi.Output.all(*args["cors"]).apply(" ".join)
        return FunctionSettings(
            builder=Builder(name, {"package": "serving", "store": store, "labels": labels}, child(self)),
            account=self.account,
            depends_on=grant_endpoint(name, self.account, args, self),
            environment=environment,
            memory=args.get("memory", MEMORY_MIB),
            timeout=TIMEOUT_SECONDS,
            instances=(args.get("provisioned_concurrency", 0), args.get("reserved_concurrency", MAX_INSTANCES)),
            concurrency=CONCURRENCY,
            # Another name for the same endpoint is another way in.
            ingress="ALLOW_INTERNAL_AND_GCLB" if "domain" in args else "ALLOW_ALL",
            labels=self._labels(),
        )

    def _labels(self) -> Any:
        if not self._args.get("public"):
            return self._args.get("labels")
        # That anybody may call is declared where auditors look for it, and policies.
        return pulumi.Output.from_input(self._args.get("labels", {})).apply(
            lambda labels: {**labels, "public": "declared"}
        )

    def _command(self, values: list[str]) -> str:
        url, model = values
        address = f"{url}/v1/models/{model}"
        if self._args.get("public"):
            return f"curl {address}"
        # By standard input: what stands on a command line, every user of the machine can see.
        header = "sed 's/.*/header = \"authorization: Bearer &\"/'"
        return f"gcloud auth print-identity-token | {header} | curl -K - {address}"


def _check(args: EndpointArgs) -> None:
    """Raises RunError for inputs that exclude each other, or that can't be."""
    check_model(args["model"])
    for caller in args.get("callers", []):
        check_caller(caller)
    if args.get("public") and args.get("callers"):
        raise pulumi.RunError("public is true, so there is nobody to let in by callers; leave them out")
    if args.get("cors") and not args.get("public"):
        raise pulumi.RunError(
            "cors names origins, but public is not true: a browser asks before it shows who it is, and IAM refuses that"
        )
    least, most = args.get("provisioned_concurrency", 0), args.get("reserved_concurrency", MAX_INSTANCES)
    if least > most:
        raise pulumi.RunError(f"provisioned_concurrency is {least}; it can be at most reserved_concurrency, {most}")
