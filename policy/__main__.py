"""The policy pack: each cloud's file checks the resources of that cloud alone."""

from pulumi_policy import EnforcementLevel, PolicyPack

import aws
import azure
import gcp

PolicyPack("serverless-ml", [*aws.POLICIES, *gcp.POLICIES, *azure.POLICIES], EnforcementLevel.MANDATORY)
