"""`make up`: create or update a stack, and say how to use it."""

from __future__ import annotations

import json
import os
import sys

from tools import cli, settings, stackfile
from tools.report import report


def main() -> int:
    """Select or create the stack, configure it, bring it up, and print its outputs."""
    stack = os.environ.get("STACK") or "local"
    try:
        wanted = settings.given()
        config = settings.as_config({name: text for name, text in wanted.items() if text})
    except settings.Wrong as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    failed = select(stack) or configure(stack, config, [name for name, text in wanted.items() if not text])
    if failed:
        return failed
    cli.release_dead_lock(stack)
    failed = cli.run("up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", stack)
    if not failed:
        print(report(stack, cli.outputs(stack)))
    return failed


def select(stack: str) -> int:
    """Make the stack the current one, so that plain `pulumi` commands mean it, too; create it if there is none."""
    where = "Pulumi's backend" if cli.own_state() is None else ".state"
    print(f"Stack {stack}, its state in {where}", flush=True)
    answer = cli.ask("stack", "select", stack, "--non-interactive")
    if answer.returncode != cli.NO_SUCH_STACK:
        print(answer.stderr, end="", file=sys.stderr)
        return answer.returncode
    if cli.own_state() is not None:
        stackfile.forget_salt(stack)  # of a passphrase that is gone
    return cli.run("stack", "init", stack, "--non-interactive")


def configure(stack: str, config: dict[str, dict[str, object]], cleared: list[str]) -> int:
    """Store the settings in the stack's file, and remove those given as empty."""
    for name, setting in config.items():
        print(f"  {name} = {setting['value']}", flush=True)
    if cleared:
        print(f"  back to the default: {', '.join(cleared)}", flush=True)
    failed = 0
    if config:
        failed = cli.run("config", "set-all", "--stack", stack, "--json", json.dumps(config))
    if cleared and not failed:
        failed = cli.run("config", "rm-all", "--stack", stack, *cleared)
    return failed


if __name__ == "__main__":
    sys.exit(main())
