"""Prediction over HTTPS, on this machine alone."""

import shlex
from typing import NotRequired, TypedDict

import pulumi

from components.inputs.checks import check_model, check_port
from components.local.resources import Certificate, Server, Token
from components.packaging import source_files


class EndpointArgs(TypedDict):
    """Inputs of an Endpoint."""

    store: pulumi.Input[str]
    """The URL of a ModelStore. The endpoint follows the pointer in it, whoever moves that."""
    model: pulumi.Input[str]
    """The name of the model to serve."""
    folder: pulumi.Input[str]
    """The home of the stack, relative to the project: token, certificate and log are there."""
    port: NotRequired[pulumi.Input[int]]
    """The port, 1024 to 65535. Default: the one it has, or else the first free one from 8443."""


class Endpoint(pulumi.ComponentResource):
    """An HTTPS server that outlives `pulumi up`, for callers with the token. Until a model serves, it answers 503."""

    url: pulumi.Output[str]
    """The address that answers: POST /predict, GET /openapi.json and so on."""
    curl: pulumi.Output[str]
    """A command that sends the sample request."""
    token: pulumi.Output[str]
    """A command that prints the token."""
    certificate: pulumi.Output[str]
    """The file with the certificate authority to trust."""
    server: Server
    """The process itself."""

    def __init__(self, name: str, args: EndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_model(args["model"])
        if "port" in args:
            check_port(args["port"])
        super().__init__("serverless-ml:local:Endpoint", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        home = {"folder": args["folder"]}
        token = Token(f"{name}-token", home, child)
        certificate = Certificate(f"{name}-certificate", home, child)
        self.server = Server(
            f"{name}-server",
            {
                **home,
                "store": args["store"],
                "model": args["model"],
                "code": source_files.digest(source_files.serving_files()),
                "token": token.sha256,
                "certificate": certificate.server,
                "port": args.get("port"),
            },
            child,
        )
        self.url = self.server.url
        self.certificate = _file(args["folder"], "ca.pem")
        self.token = pulumi.Output.format("cat {}", _file(args["folder"], "token").apply(shlex.quote))
        self.curl = pulumi.Output.all(
            url=self.url,
            ca=self.certificate,
            header=_file(args["folder"], "authorization"),
            body=_file(args["folder"], "request.json"),
        ).apply(_curl)
        self.register_outputs(
            {"url": self.url, "curl": self.curl, "token": self.token, "certificate": self.certificate}
        )


def _file(folder: pulumi.Input[str], name: str) -> pulumi.Output[str]:
    return pulumi.Output.from_input(folder).apply(lambda folder: str(source_files.ROOT / folder / name))


def _curl(parts: dict[str, str]) -> str:
    """The token stays in its file: neither `ps` nor a shell's history sees it."""
    ca, header, body = (shlex.quote(text) for text in (parts["ca"], f"@{parts['header']}", f"@{parts['body']}"))
    return f"curl --cacert {ca} -H {header} -H 'content-type: application/json' -d {body} {parts['url']}/predict"
