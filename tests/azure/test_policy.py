"""The policy pack for Azure under the real engine, over a cloud that is not there."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cloud_project import AzureProject
from tests.support.paths import ROOT
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
    "azure-account-closed": ("set allowSharedKeyAccess to false", {"keys", "open", "old"}),
    "azure-container-private": ("set publicAccess to None", {"shown"}),
    "azure-registry-closed": ("set adminUserEnabled to false", {"password", "anybody"}),
    "azure-vault-closed": ("set properties.enableRbacAuthorization to true", {"by-policies", "forgetful"}),
    "azure-app-encrypted": ("set httpsOnly to true", {"plain", "ftp"}),
    "azure-no-key-setting": ("the key in the setting STORE", {"told", "told-job"}),
    "azure-own-identity": ("set identity to one for this alone", {"nobody", "nobody-job"}),
    "azure-no-basic-role": ("instead of Owner", {"owner"}),
    "azure-instances-capped": ("scaleAndConcurrency.maximumInstanceCount", {"endless", "endless-job"}),
    "azure-log-retention": ("set retentionInDays", {"forever", "boundless"}),
    "azure-public-declared": ('the tag "public" with the value "declared"', {"lenient-asking"}),
    "azure-secret-kept": ("have it read the secret when it runs", {"spilt"}),
    "azure-tagged": ("give it the tags", {"untagged", "mistagged"}),
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[AzureProject]:
    # Before the project exists: its environment sends every request to a stand-in of Azure, which has no packages.
    subprocess.run([ROOT / "tools" / "venv", "-C", "policy"], check=True)
    yield from AzureProject.create(tmp_path)


def test_the_stack_as_it_comes_keeps_to_all_policies(project: AzureProject, as_it_comes: AzureProject) -> None:
    assert_compliant(project, as_it_comes)


def test_the_stack_with_every_option_keeps_to_all_policies(project: AzureProject) -> None:
    project.set(project.everything)
    assert_compliant(project, project)


def test_the_public_stack_keeps_to_all_policies(project: AzureProject) -> None:
    project.config(public="true")
    assert_compliant(project, project)


def test_what_violates_a_policy_is_refused_and_told_what_to_do(project: AzureProject) -> None:
    use_program(project, "policy_violations.py")
    first = refusal(project, "preview")
    assert violations(first).keys() == VIOLATIONS.keys()
    assert_violations(project, VIOLATIONS)


def test_what_a_preview_cannot_know_is_judged_when_it_is_known(project: AzureProject) -> None:
    use_program(project, "policy_unknown.py")
    assert_passes(project, "preview")
    printed = refusal(project, "up", "--yes", "--skip-preview")
    assert violations(printed)
    created = {call["name"] for call in project.cloud.calls("Create")}
    assert "source" in created
    assert not created & {
        "account",
        "container",
        "registry",
        "role",
        "app",
        "job",
        "logs",
        "vault",
    }  # refused before they are created
