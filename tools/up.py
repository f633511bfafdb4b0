"""`make up`: create or update a stack, and say how to use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from getpass import getpass

from function_code.errors import Refused
from tools import pulumi_cli, settings, stackfile
from tools.up_summary import report, serving


def main() -> int:
    """Select or create the stack, configure it, bring it up, and print its outputs."""
    stack = os.environ.get("STACK") or "local"
    token = os.environ.pop("AIRTABLE_TOKEN", "")  # nobody who is started from here gets to see it
    try:
        named = settings.named()
        config = settings.as_config({name: text for name, text in named.items() if text})
    except settings.InvalidSetting as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    failed = select(stack)
    if not failed:
        config = settings.merged(config, stackfile.objects_of(stack, settings.BY_COLUMN))
        failed = configure(stack, config, [name for name, text in named.items() if not text])
    failed = failed or store_token(stack, token)
    failed = failed or install(stackfile.cloud_of(stack))
    if failed:
        return failed
    pulumi_cli.release_dead_lock(stack)
    failed = pulumi_cli.run("up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", stack)
    if not failed:
        return _report(stack)
    if named:
        path = stackfile.path_of(stack).relative_to(pulumi_cli.ROOT)
        print(f"The settings are kept in {path}; `make up NAME=` takes one back to its default.", file=sys.stderr)
    return failed


def _report(stack: str) -> int:
    outputs = pulumi_cli.outputs(stack)
    try:
        print(report(stack, outputs, serving(outputs)))
    except Refused as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    return 0


def select(stack: str) -> int:
    """Make the stack the current one, so that plain `pulumi` commands mean it, too; create it if there is none."""
    where = "Pulumi's backend" if pulumi_cli.own_state() is None else ".state"
    print(f"Stack {stack}, its state in {where}", flush=True)
    answer = pulumi_cli.ask("stack", "select", stack, "--non-interactive")
    if answer.returncode != pulumi_cli.NO_SUCH_STACK:
        print(answer.stderr, end="", file=sys.stderr)
        return answer.returncode
    if pulumi_cli.own_state() is not None:
        stackfile.forget_salt(stack)  # of a passphrase that is gone
    return pulumi_cli.run("stack", "init", stack, "--non-interactive")


def install(cloud: str) -> int:
    """Install the SDK of a cloud, which other stacks do without."""
    lock = f"requirements/{cloud}.txt"
    if cloud == "local" or not (pulumi_cli.ROOT / lock).is_file():  # what is no cloud, Pulumi's program says
        return 0
    return subprocess.run(["tools/venv", "requirements.txt", lock], cwd=pulumi_cli.ROOT).returncode


def configure(stack: str, config: dict[str, dict[str, object]], cleared: list[str]) -> int:
    """Store the settings in the stack's file, and remove those given as empty."""
    for name, setting in config.items():
        print(f"  {name} = {setting['value']}", flush=True)
    if cleared:
        print(f"  back to the default: {', '.join(cleared)}", flush=True)
    failed = 0
    if config:
        failed = pulumi_cli.run("config", "set-all", "--stack", stack, "--json", json.dumps(config))
    if cleared and not failed:
        failed = pulumi_cli.run("config", "rm-all", "--stack", stack, *cleared)
    return failed


def store_token(stack: str, token: str) -> int:
    """Store the token of Airtable as a secret if the stack needs one; ask for it if there is none yet."""
    if stackfile.source_of(stack) != settings.AIRTABLE:
        return 0
    held = stackfile.holds_token(stack)
    if not token and not held and sys.stdin.isatty():
        token = getpass("Personal access token of Airtable (not shown): ")
    if not token:
        if not held:
            print("error: there is no token of Airtable yet: AIRTABLE_TOKEN=pat... make up ...", file=sys.stderr)
        return 0 if held else 2
    command = ["pulumi", "config", "set", "--secret", "airtable_token", "--stack", stack]
    return subprocess.run(command, cwd=pulumi_cli.ROOT, input=token.strip(), text=True).returncode


if __name__ == "__main__":
    sys.exit(main())
