"""An HTTP API of API Gateway in front of a function's alias: its callers, its limits and its log."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import apigatewayv2, cloudwatch, iam, lambda_

from components.aws.callers import attach, check_caller
from components.aws.domain import Domain, DomainArgs
from components.aws.function import LOG_DAYS
from components.aws.policy_documents import allow, document

RATE_PER_SECOND, BURST = 50.0, 100
METHODS = ("GET", "HEAD", "POST")
# What is known of a request, without what it asks about or who asks.
ACCESS_LOG = json.dumps(
    {
        name: f"$context.{name}"
        for name in ("requestId", "requestTime", "httpMethod", "path", "status", "responseLatency", "integrationError")
    }
)


class JwtArgs(TypedDict):
    """The issuer and the audience of the tokens that are accepted."""

    issuer: pulumi.Input[str]
    """The URL of the issuer, as in the token's claim iss."""
    audience: pulumi.Input[str]
    """The audience of the token, as in its claim aud or client_id."""


class ThrottleArgs(TypedDict):
    """The rate of requests that are answered; beyond it, callers get 429."""

    rate: pulumi.Input[float]
    """Requests a second in the long run."""
    burst: pulumi.Input[int]
    """Requests at once."""


class HttpApiArgs(TypedDict):
    """Inputs of an HttpApi; what is not explained here is as in EndpointArgs."""

    model: pulumi.Input[str]
    alias: lambda_.Alias
    """The alias of the function that answers."""
    callers: NotRequired[Sequence[str]]
    jwt: NotRequired[JwtArgs]
    public: NotRequired[bool]
    throttle: NotRequired[ThrottleArgs]
    domain: NotRequired[DomainArgs]
    cors: NotRequired[Sequence[pulumi.Input[str]]]
    log_days: NotRequired[pulumi.Input[int]]
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]


def check_access(args: Mapping[str, Any]) -> None:
    """Raises RunError if `callers`, `jwt` and `public` say different things of who may call."""
    for caller in args.get("callers", []):
        check_caller(caller)
    if args.get("public") and ("jwt" in args or args.get("callers")):
        raise pulumi.RunError("public is true, so there is nobody to let in by callers or jwt; leave them out")
    if "jwt" in args and args.get("callers"):
        raise pulumi.RunError("callers are let in by IAM, and with jwt nobody is; configure one of the two")


class HttpApi(pulumi.ComponentResource):
    """The API with its one route and its one stage."""

    url: pulumi.Output[str]
    """The URL at which it answers."""
    api: apigatewayv2.Api
    """The API itself."""

    def __init__(self, name: str, args: HttpApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:aws:HttpApi", name, {}, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.api = apigatewayv2.Api(
            name,
            protocol_type="HTTP",
            cors_configuration=self._cors(),
            # Another name for the same endpoint is another way in.
            disable_execute_api_endpoint="domain" in args,
            tags=self._tags_of_api(),
            opts=self._child,
        )
        stage = self._stage(self._route())
        self._grant_callers()
        if "domain" in args:
            self.url = Domain(
                f"{name}-domain", {**args["domain"], "tags": args.get("tags", {})}, stage, self._child
            ).url
        else:
            self.url = self.api.api_endpoint
        self.register_outputs({"url": self.url})

    def _tags_of_api(self) -> Any:
        """The tags; an API that anybody may call declares it there, for the policy pack and for auditors."""
        tags = self._args.get("tags")
        if not self._args.get("public"):
            return tags
        return pulumi.Output.from_input(tags or {}).apply(lambda tags: {**tags, "public": "declared"})

    def _cors(self) -> Any:
        if "cors" not in self._args:
            return None
        return {
            "allow_origins": self._args["cors"],
            "allow_methods": METHODS,
            "allow_headers": ["authorization", "content-type", "x-amz-date", "x-amz-security-token"],
        }

    def _route(self) -> list[apigatewayv2.Route]:
        """All requests, to the alias: which paths there are, and which methods, is for the app to say."""
        name, args = self._name, self._args
        integration = apigatewayv2.Integration(
            f"{name}-integration",
            api_id=self.api.id,
            integration_type="AWS_PROXY",
            integration_uri=args["alias"].invoke_arn,
            payload_format_version="2.0",
            opts=self._child,
        )
        lambda_.Permission(
            f"{name}-permission",
            action="lambda:InvokeFunction",
            function=args["alias"].function_name,
            qualifier=args["alias"].name,
            principal="apigateway.amazonaws.com",
            # Of every stage, of which there is one, the one route.
            source_arn=pulumi.Output.format("{}/*/$default", self.api.execution_arn),
            opts=self._child,
        )
        access: dict[str, Any] = {"authorization_type": "AWS_IAM"}
        if args.get("public"):
            access = {"authorization_type": "NONE"}
        elif "jwt" in args:
            authorizer = apigatewayv2.Authorizer(
                f"{name}-authorizer",
                api_id=self.api.id,
                authorizer_type="JWT",
                identity_sources=["$request.header.Authorization"],
                jwt_configuration={"issuer": args["jwt"]["issuer"], "audiences": [args["jwt"]["audience"]]},
                opts=self._child,
            )
            access = {"authorization_type": "JWT", "authorizer_id": authorizer.id}
        target = pulumi.Output.format("integrations/{}", integration.id)
        routes = {"route": {"route_key": "$default", **access}}
        if "cors" in args and not args.get("public"):
            # What browsers ask first, without saying who they are. The API answers that itself, given a route.
            routes["preflight"] = {"route_key": "OPTIONS /{proxy+}", "authorization_type": "NONE"}
        return [
            apigatewayv2.Route(f"{name}-{suffix}", api_id=self.api.id, target=target, **route, opts=self._child)
            for suffix, route in routes.items()
        ]

    def _stage(self, routes: Sequence[apigatewayv2.Route]) -> apigatewayv2.Stage:
        name, args = self._name, self._args
        logs = cloudwatch.LogGroup(
            f"{name}-access",
            # Under this prefix API Gateway needs no entry of its own in the account's one policy for log delivery,
            # which is full after some ten of them.
            name_prefix=f"/aws/vendedlogs/{pulumi.get_project()}-{pulumi.get_stack()}-",
            retention_in_days=args.get("log_days", LOG_DAYS),
            tags=args.get("tags"),
            opts=self._child,
        )
        throttle: Any = args.get("throttle", {"rate": RATE_PER_SECOND, "burst": BURST})
        return apigatewayv2.Stage(
            f"{name}-stage",
            api_id=self.api.id,
            name="$default",
            auto_deploy=True,
            access_log_settings={"destination_arn": logs.arn, "format": ACCESS_LOG},
            default_route_settings={
                "throttling_rate_limit": throttle["rate"],
                "throttling_burst_limit": throttle["burst"],
            },
            tags=args.get("tags"),
            # What is deployed automatically is what is there.
            opts=pulumi.ResourceOptions(parent=self, depends_on=routes),
        )

    def _grant_callers(self) -> None:
        name, args = self._name, self._args
        callers = args.get("callers", [])
        if not callers:
            return
        policy = iam.Policy(
            f"{name}-callers",
            description=pulumi.Output.format("May call the endpoint of the model {}", args["model"]),
            policy=document(
                allow(
                    ("execute-api:Invoke",),
                    [
                        pulumi.Output.format("{}/$default/{}/*", self.api.execution_arn, method)
                        for method in METHODS  # of every path: which there are is for the app to say
                    ],
                )
            ),
            tags=args.get("tags"),
            opts=self._child,
        )
        for caller in callers:
            attach(f"{name}-caller", caller, policy, self._child)
