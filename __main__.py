"""Deploys the stack program that the configuration names."""

import importlib

import pulumi

CLOUDS = ("local",)

cloud = pulumi.Config().get("cloud") or "local"
if cloud not in CLOUDS:
    raise pulumi.RunError(f"cloud is {cloud!r}; it can be {', '.join(CLOUDS)}: pulumi config set cloud {CLOUDS[0]}")
importlib.import_module(f"stacks.{cloud}")
