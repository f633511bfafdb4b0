"""A domain name for an endpoint, with a certificate that renews itself."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import acm, apigatewayv2, route53


class DomainArgs(TypedDict):
    """The name, and where it is administrated."""

    name: pulumi.Input[str]
    """The domain name, such as predict.example.com."""
    zone: pulumi.Input[str]
    """The id of the Route 53 zone that it lies in."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class Domain(pulumi.ComponentResource):
    """The name with its certificate and its record; the stage `stage` of the API answers its requests."""

    url: pulumi.Output[str]
    """https:// and the name, from when it answers."""

    def __init__(
        self, name: str, args: DomainArgs, stage: apigatewayv2.Stage, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("serverless-ml:aws:Domain", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        certificate = acm.Certificate(
            f"{name}-certificate",
            domain_name=args["name"],
            validation_method="DNS",
            tags=args.get("tags"),
            opts=child,
        )
        # One name has one proof. A loop over them could not know at a preview how often to run.
        proof = certificate.domain_validation_options[0]
        record = route53.Record(
            f"{name}-proof",
            zone_id=args["zone"],
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=60,
            opts=child,
        )
        valid = acm.CertificateValidation(
            f"{name}-valid", certificate_arn=certificate.arn, validation_record_fqdns=[record.fqdn], opts=child
        )
        domain = apigatewayv2.DomainName(
            f"{name}-domain",
            domain_name=args["name"],
            domain_name_configuration={
                "certificate_arn": valid.certificate_arn,
                "endpoint_type": "REGIONAL",
                "security_policy": "TLS_1_2",
            },
            tags=args.get("tags"),
            opts=child,
        )
        mapping = apigatewayv2.ApiMapping(
            f"{name}-mapping", api_id=stage.api_id, domain_name=domain.domain_name, stage=stage.name, opts=child
        )
        target = domain.domain_name_configuration
        route53.Record(
            f"{name}-alias",
            zone_id=args["zone"],
            name=args["name"],
            type="A",
            aliases=[
                {
                    "name": target.target_domain_name,
                    "zone_id": target.hosted_zone_id,
                    "evaluate_target_health": False,
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[mapping]),
        )
        self.url = pulumi.Output.format("https://{}", domain.domain_name)
        self.register_outputs({"url": self.url})
