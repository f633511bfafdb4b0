"""The pack: what each cloud's file asks of the resources of that cloud. To the others it has nothing to say."""

from pulumi_policy import EnforcementLevel, PolicyPack

import aws
import azure
import gcp

PolicyPack("serverless-ml", [*aws.POLICIES, *gcp.POLICIES, *azure.POLICIES], EnforcementLevel.MANDATORY)
