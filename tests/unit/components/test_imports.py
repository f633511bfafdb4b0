"""An SDK has a module for each service of its cloud; only those in use are loaded, or every command would wait."""

import json
import subprocess
import sys

import pytest

from tests.support.paths import ROOT

# An SDK registers all of its modules, and loads one when something of it is used.
PROGRAM = """
import importlib, json, sys
for part in ("endpoint", "monitoring", "store", "trainer"):
    importlib.import_module(f"components.CLOUD.{part}")
loaded = [name for name, module in sys.modules.items() if type(module).__name__ != "_LazyModule"]
assert "pulumi_docker_build" not in loaded  # what few stacks build an image with
print(json.dumps(sorted({name.split(".")[1] for name in loaded if name.startswith("pulumi_SDK.")})))
"""
# Some of them are used with certain settings only.
USED = {
    "aws": {
        "acm", "apigatewayv2", "budgets", "cloudwatch", "ecr", "iam", "lambda_", "route53", "s3", "scheduler",
        "secretsmanager", "sns", "sqs",
    },
    "azure": {
        "app", "applicationinsights", "authorization", "consumption", "eventgrid", "keyvault", "managedidentity",
        "monitor", "operationalinsights", "storage", "web",
    },
    "gcp": {
        "artifactregistry", "billing", "cloudfunctionsv2", "cloudrunv2", "cloudscheduler", "kms", "logging",
        "monitoring", "organizations", "projects", "pubsub", "secretmanager", "serviceaccount", "storage",
    },
}  # fmt: skip
ITS_OWN = {
    "_enums", "_inputs", "_utilities", "arn_build", "arn_parse", "config", "location_from_id", "name_from_id",
    "outputs", "project_from_id", "provider", "region_from_id", "region_from_zone", "trim_iam_role_path", "user_agent",
    "zone_from_id",
}  # fmt: skip


@pytest.mark.parametrize(
    ("cloud", "sdk", "always"),
    [
        ("aws", "aws", {"iam", "lambda_", "s3"}),
        ("gcp", "gcp", {"cloudfunctionsv2", "storage"}),
        ("azure", "azure_native", {"storage", "web"}),
    ],
)
def test_only_the_modules_of_the_services_in_use_are_loaded(cloud: str, sdk: str, always: set[str]) -> None:
    program = PROGRAM.replace("CLOUD", cloud).replace("SDK", sdk)
    printed = subprocess.check_output([sys.executable, "-W", "ignore", "-c", program], cwd=ROOT, text=True)
    services = {name for name in json.loads(printed) if not name.startswith("get_")} - ITS_OWN
    assert always <= services <= USED[cloud]
