"""The policy pack for Google Cloud under the real engine, over a cloud that is not there."""

from tests.support.cloud_project import GcpProject
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
    "gcp-bucket-closed": ('set publicAccessPrevention to "enforced"', {"bare", "partial"}),
    "gcp-no-public-member": (
        "name the accounts that may have",
        {
            "member-all",
            "binding-all",
            "policy-all",
            "acl-bucket",
            "acl-default",
            "acl-object",
            "acl-list",
            "acl-ready",
        },
    ),
    "gcp-public-declared": (
        'the label "public" with the value "declared"',
        {"secret-invoker", "secret-service", "foreign-invoker"},
    ),
    "gcp-no-basic-role": ("instead of roles/owner", {"owner"}),
    "gcp-own-account": (
        "set buildConfig.serviceAccount to a service account for this alone",
        {"nobody", "default", "built-by-nobody", "built-by-default", "old", "default-service"},
    ),
    "gcp-instances-capped": ("set serviceConfig.maxInstanceCount", {"endless", "endless-service", "old"}),
    "gcp-log-retention": ("set retentionDays", {"forever"}),
    "gcp-secret-kept": ("have it read the secret when it runs", {"spilt"}),
    "gcp-labelled": ("give it the labels", {"unlabelled", "mislabelled"}),
}


def test_the_stack_as_it_comes_keeps_to_all_policies(project: GcpProject, as_it_comes: GcpProject) -> None:
    assert_compliant(project, as_it_comes)


def test_the_stack_with_every_option_keeps_to_all_policies(project: GcpProject, with_every_option: GcpProject) -> None:
    project.set(project.everything)
    assert_compliant(project, with_every_option)


def test_the_public_stack_keeps_to_all_policies(project: GcpProject) -> None:
    project.config(public="true")
    assert_compliant(project, project)


def test_what_violates_a_policy_is_refused_and_told_what_to_do(project: GcpProject) -> None:
    use_program(project, "policy_violations.py")
    first = refusal(project, "preview")
    # This fake cloud has a resource's final labels only after the update.
    assert VIOLATIONS.keys() - violations(first).keys() <= {"gcp-labelled"}
    assert_violations(project, VIOLATIONS)


def test_what_a_preview_cannot_know_is_judged_when_it_is_known(project: GcpProject) -> None:
    use_program(project, "policy_unknown.py")
    assert_passes(project, "preview")
    printed = refusal(project, "up", "--yes", "--skip-preview")
    assert violations(printed)
    created = {call["name"] for call in project.cloud.calls("Create")}
    assert "source" in created
    assert not created & {
        "bucket",
        "member",
        "list",
        "entry",
        "role",
        "function",
        "logs",
    }  # refused before they are created
