"""The SDK has a module for each of AWS's services; only those that are used are loaded, or every command would wait."""

import json
import subprocess
import sys

from tests.conftest import ROOT

# The SDK registers all of its modules, and loads one when something of it is used.
PROGRAM = """
import json, sys
from components.aws import endpoint, monitoring, store, trainer
loaded = [name for name, module in sys.modules.items() if type(module).__name__ != "_LazyModule"]
print(json.dumps(sorted({name.split(".")[1] for name in loaded if name.startswith("pulumi_aws.")})))
assert "pulumi_docker_build" not in loaded  # what few stacks build an image with
"""
USED = {
    "acm", "apigatewayv2", "budgets", "cloudwatch", "iam", "lambda_", "route53", "s3", "scheduler",
    "secretsmanager", "sns", "sqs",
}  # fmt: skip
ITS_OWN = {
    "_enums", "_inputs", "_utilities", "arn_build", "arn_parse", "config", "outputs", "provider", "trim_iam_role_path",
    "user_agent",
}  # fmt: skip


def test_only_the_modules_of_the_services_in_use_are_loaded() -> None:
    printed = subprocess.check_output([sys.executable, "-W", "ignore", "-c", PROGRAM], cwd=ROOT, text=True)
    services = {name for name in json.loads(printed) if not name.startswith("get_")} - ITS_OWN
    assert {"iam", "lambda_", "s3"} <= services <= USED  # some of them are used with certain settings only
