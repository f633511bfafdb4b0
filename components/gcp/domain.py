"""A domain name for an endpoint: a load balancer with a certificate that renews itself."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
from pulumi_gcp import cloudfunctionsv2, compute, dns

from components.gcp.deployment_retries import child
from components.gcp.names import region


class DomainArgs(TypedDict):
    """The name, and where it is administrated."""

    name: pulumi.Input[str]
    """The domain name, such as predict.example.com."""
    zone: pulumi.Input[str]
    """The name of the zone in Cloud DNS that it lies in."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The labels of everything that takes some. Default: none."""


class Domain(pulumi.ComponentResource):
    """The name with its certificate and its record; the function `function` answers its requests.

    Mapping a domain to Cloud Run itself would be cheaper, but is not for production, says Google.
    """

    url: pulumi.Output[str]
    """https:// and the name. It answers when its certificate is there: some time after the record, up to hours."""

    def __init__(
        self,
        name: str,
        args: DomainArgs,
        function: cloudfunctionsv2.Function,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("serverless-ml:gcp:Domain", name, {}, opts)
        group = compute.RegionNetworkEndpointGroup(
            f"{name}-group",
            region=region(),
            network_endpoint_type="SERVERLESS",
            cloud_run={"service": function.name},
            opts=child(self),
        )
        backend = compute.BackendService(
            f"{name}-backend",
            load_balancing_scheme="EXTERNAL_MANAGED",
            protocol="HTTPS",
            backends=[{"group": group.id}],
            opts=child(self),
        )
        address = compute.GlobalAddress(f"{name}-address", labels=args.get("labels"), opts=child(self))
        proxy = compute.TargetHttpsProxy(
            f"{name}-proxy",
            url_map=compute.URLMap(f"{name}-map", default_service=backend.id, opts=child(self)).id,
            ssl_certificates=[
                compute.ManagedSslCertificate(
                    f"{name}-certificate", managed={"domains": [args["name"]]}, opts=child(self)
                ).id
            ],
            ssl_policy=compute.SSLPolicy(
                f"{name}-tls", min_tls_version="TLS_1_2", profile="MODERN", opts=child(self)
            ).id,
            opts=child(self),
        )
        compute.GlobalForwardingRule(
            f"{name}-rule",
            load_balancing_scheme="EXTERNAL_MANAGED",
            ip_address=address.address,
            port_range="443",
            target=proxy.id,
            labels=args.get("labels"),
            opts=child(self),
        )
        record = dns.RecordSet(
            f"{name}-record",
            managed_zone=args["zone"],
            name=pulumi.Output.format("{}.", args["name"]),
            type="A",
            ttl=300,
            rrdatas=[address.address],
            opts=child(self),
        )
        self.url = record.name.apply(lambda name: f"https://{name.rstrip('.')}")
        self.register_outputs({"url": self.url})
