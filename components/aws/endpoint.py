"""Prediction over HTTPS: an HTTP API of API Gateway in front of a function, for callers that are allowed."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import apigatewayv2, lambda_

from components.aws.domain import DomainArgs
from components.aws.function import LOG_DAYS, FunctionResources, FunctionSettings, make_function
from components.aws.http_api import HttpApi, HttpApiArgs, JwtArgs, ThrottleArgs, check_access
from components.aws.names import region
from components.aws.roles import endpoint_statements
from components.aws.upload_code import upload_archive
from components.inputs.checks import check_model

HANDLER = "function_code.entrypoints.aws.predict.predict"
MEMORY_MB = 512  # a third of a processor, which answers in milliseconds
TIMEOUT_SECONDS = 29  # API Gateway waits 30
ALIAS = "live"


class EndpointArgs(TypedDict):
    """Inputs of an Endpoint."""

    store: pulumi.Input[str]
    """The URL of a ModelStore. The endpoint follows the pointer in it, whoever moves that."""
    model: pulumi.Input[str]
    """The name of the model to serve."""
    callers: NotRequired[Sequence[str]]
    """The ARNs of this account's IAM roles and users that may call. Default: nobody."""
    jwt: NotRequired[JwtArgs]
    """Let callers in by a JWT instead of IAM. Default: IAM, requests signed with SigV4."""
    public: NotRequired[bool]
    """True lets anybody on the internet call; the API declares it by the tag public: declared. Default: no."""
    throttle: NotRequired[ThrottleArgs]
    """The limits on requests. Default: 50 requests a second, 100 at once."""
    domain: NotRequired[DomainArgs]
    """A domain name of yours to answer under. Default: the name that API Gateway gives."""
    cors: NotRequired[Sequence[pulumi.Input[str]]]
    """The origins whose pages may call from a browser, such as https://example.com. Default: none."""
    code_canary: NotRequired[float]
    """The share of the requests that new code gets; the version before it gets the others. Default: 1, all of them."""
    memory: NotRequired[pulumi.Input[int]]
    """Megabytes; processors come with them. Default: 512."""
    architecture: NotRequired[str]
    """arm64 or x86_64. Default: arm64, which costs a fifth less."""
    reserved_concurrency: NotRequired[pulumi.Input[int]]
    """The most instances at once, taken from those of the account; it costs nothing, and a new account has none to give
    away. Default: as many as the account has left."""
    provisioned_concurrency: NotRequired[pulumi.Input[int]]
    """Instances that are kept warm, and paid for day and night. Default: none."""
    snap_start: NotRequired[bool]
    """True starts instances from a snapshot, paid for as long as it is kept. Default: no."""
    kms_key: NotRequired[pulumi.Input[str]]
    """The ARN of the KMS key that the store is encrypted with. Default: none, S3 manages its own."""
    log_days: NotRequired[pulumi.Input[int]]
    """Days that logs are kept. Default: 30."""
    xray: NotRequired[bool]
    """True traces with X-Ray. Default: no."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class Endpoint(pulumi.ComponentResource):
    """A private HTTPS endpoint. Until a model serves, it answers 503."""

    url: pulumi.Output[str]
    """The URL at which it answers: POST /predict, GET /openapi.json and so on."""
    curl: pulumi.Output[str]
    """A command that asks what is predicted, and from which features."""
    api: apigatewayv2.Api
    """The HTTP API."""
    alias: lambda_.Alias
    """The alias that the API invokes: the newest version of the function, or two in a canary."""
    resources: FunctionResources
    """The function with its role and its log group."""

    def __init__(self, name: str, args: EndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_model(args["model"])
        check_access(args)
        _check_instances(args)
        super().__init__("serverless-ml:aws:Endpoint", name, {}, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.resources = make_function(name, self._settings(), self)
        self.alias = self._alias()
        passed: Any = {key: value for key, value in args.items() if key in HttpApiArgs.__annotations__}
        api = HttpApi(f"{name}-api", passed | {"alias": self.alias}, self._child)
        self.api, self.url = api.api, api.url
        self.curl = pulumi.Output.all(self.url, args["model"], region()).apply(self._command)
        self.register_outputs({"url": self.url, "curl": self.curl})

    def _settings(self) -> FunctionSettings:
        args, statements = self._args, endpoint_statements(self._args)
        more: dict[str, Any] = {"publish": True}
        if "reserved_concurrency" in args:
            more["reserved_concurrent_executions"] = args["reserved_concurrency"]
        if args.get("snap_start"):
            more["snap_start"] = {"apply_on": "PublishedVersions"}
        architecture = args.get("architecture", "arm64")
        code = upload_archive(f"{self._name}-code", "serving", architecture, args["store"], args.get("tags"), self)
        return FunctionSettings(
            code=code.arguments(),
            handler=HANDLER,
            environment={"STORE": args["store"], "MODEL": args["model"]},
            memory=args.get("memory", MEMORY_MB),
            timeout=TIMEOUT_SECONDS,
            architecture=architecture,
            statements=statements,
            log_days=args.get("log_days", LOG_DAYS),
            tags=args.get("tags"),
            xray=args.get("xray", False),
            more=more,
        )

    def _alias(self) -> lambda_.Alias:
        name, function, new = self._name, self.resources.function, self._args.get("code_canary", 1.0)
        routing: Any = None
        if new < 1.0:
            # Versions are numbered one by one.
            routing = function.version.apply(
                lambda version: {str(int(version) - 1): 1.0 - new} if int(version) > 1 else {}
            ).apply(lambda weights: {"additional_version_weights": weights})
        alias = lambda_.Alias(
            f"{name}-alias",
            name=ALIAS,
            function_name=function.name,
            function_version=function.version,
            routing_config=routing,
            opts=self._child,
        )
        if "provisioned_concurrency" in self._args:
            lambda_.ProvisionedConcurrencyConfig(
                f"{name}-warm",
                function_name=function.name,
                qualifier=alias.name,
                provisioned_concurrent_executions=self._args["provisioned_concurrency"],
                opts=self._child,
            )
        return alias

    def _command(self, values: list[str]) -> str:
        url, model, region = values
        address = f"{url}/v1/models/{model}"
        if self._args.get("public"):
            return f"curl {address}"
        if "jwt" in self._args:
            return f'printf \'header = "authorization: Bearer %s"\\n\' "$TOKEN" | curl -K - {address}'
        # By standard input: what stands on a command line, every user of the machine can see.
        keys = 'user = "%s:%s"\\nheader = "x-amz-security-token: %s"\\n'
        names = '"$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN"'
        return f"printf '{keys}' {names} | curl -K - --aws-sigv4 aws:amz:{region}:execute-api {address}"


def _check_instances(args: EndpointArgs) -> None:
    """Raises RunError for choices that Lambda refuses together."""
    if "provisioned_concurrency" not in args:
        return
    for other, enabled in (("snap_start", args.get("snap_start")), ("code_canary", args.get("code_canary", 1.0) < 1.0)):
        if enabled:
            raise pulumi.RunError(f"{other} and provisioned_concurrency exclude each other; choose one")
    warm, most = args["provisioned_concurrency"], args.get("reserved_concurrency")
    if isinstance(warm, int) and isinstance(most, int) and warm > most:
        raise pulumi.RunError(f"provisioned_concurrency is {warm}; it can be at most reserved_concurrency, {most}")
