"""Callers of an endpoint: principals of IAM."""

import re

import pulumi

PRINCIPAL = re.compile(
    r"(user|serviceAccount|group):[^@\s:]+@[^@\s:]+|domain:[^@\s:]+|principal(Set)?://iam\.googleapis\.com/\S+"
)


def check_caller(caller: str) -> None:
    """Raises RunError if it is none, or if it is everybody."""
    if not PRINCIPAL.fullmatch(caller):
        form = "user:NAME@DOMAIN, serviceAccount:, group:, domain:, principal:// or principalSet://"
        raise pulumi.RunError(f"callers names {caller!r}, which is not of the form {form}")


def short(caller: str) -> str:
    """The caller, as it can stand in the name of a resource."""
    return re.sub(r"[^a-z0-9]+", "-", caller.lower()).strip("-")
