"""The policy pack for AWS under the real engine, over a cloud that is not there."""

from tests.support.cloud_project import AwsProject
from tests.support.policy_assertions import (
    assert_compliant,
    assert_passes,
    assert_violations,
    refusal,
    use_program,
    violations,
)

# All errors about the program of violations, with the resources that each names.
VIOLATIONS = {
    "aws-bucket-closed": ("BucketPublicAccessBlock", {"bare", "partial"}),
    "aws-bucket-encrypted": ("BucketServerSideEncryptionConfiguration", {"bare", "partial"}),
    "aws-bucket-tls-only": ("aws:SecureTransport is false", {"bare", "partial"}),
    "aws-no-public-acl": ("take the public grant away", {"acl-canned", "acl-grant", "acl-object"}),
    "aws-no-public-principal": (
        "name the accounts, roles or services that may do sqs:SendMessage",
        {"principal-star", "principal-aws", "principal-not", "principal-document"},
    ),
    "aws-public-declared": (
        'the tag "public" with the value "declared"',
        {"secret-route", "secret-url", "secret-permission", "foreign-route", "quick", "rest", "layer"},
    ),
    "aws-queue-encrypted": ("set sqsManagedSseEnabled to true", {"clear"}),
    "aws-log-retention": ("set retentionInDays", {"endless"}),
    "aws-no-wildcard": (
        "write the reason into the statement's Sid",
        {
            "wild-action",
            "wild-resource",
            "wild-kind",
            "wild-middle",
            "wild-not",
            "wild-sid",
            "wild-trust",
            "wild-inline",
        },
    ),
    "aws-secret-kept": ("have it read the secret when it runs", {"spilt"}),
    "aws-tagged": ("give it the tags", {"untagged", "mistagged"}),
}


def test_the_stack_as_it_comes_keeps_to_all_policies(project: AwsProject, as_it_comes: AwsProject) -> None:
    assert_compliant(project, as_it_comes)


def test_the_stack_with_every_option_keeps_to_all_policies(project: AwsProject, with_every_option: AwsProject) -> None:
    project.set(project.everything)
    assert_compliant(project, with_every_option)


def test_the_public_stack_keeps_to_all_policies(project: AwsProject) -> None:
    project.config(public="true")
    assert_compliant(project, project)


def test_what_violates_a_policy_is_refused_and_told_what_to_do(project: AwsProject) -> None:
    use_program(project, "policy_violations.py")
    first = refusal(project, "preview")
    # This fake cloud has a resource's final tags, and the ARN in a policy, only after the update.
    assert VIOLATIONS.keys() - violations(first).keys() == {"aws-tagged"}
    assert violations(first)["aws-bucket-closed"] == {"bare", "partial"}
    assert violations(first)["aws-bucket-tls-only"] == {"bare"}
    assert_violations(project, VIOLATIONS)


def test_what_a_preview_cannot_know_is_judged_when_it_is_known(project: AwsProject) -> None:
    use_program(project, "policy_unknown.py")
    assert_passes(project, "preview")
    printed = refusal(project, "up", "--yes", "--skip-preview")
    assert violations(printed)
    created = {call["name"] for call in project.cloud.calls("Create")}
    assert "source" in created
    assert not created & {"acl", "queue", "logs", "policy"}  # refused before they are created
