"""`make down`: destroy a stack and leave nothing of it behind but the user's settings."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from tools import pulumi_cli, stackfile


def main() -> int:
    """Destroy the stack's resources, then the stack, then what only it needed."""
    stack = os.environ.get("STACK") or "local"
    answer = pulumi_cli.ask("stack", "select", stack, "--non-interactive")
    if answer.returncode == pulumi_cli.NO_SUCH_STACK:
        print(f"There is no stack {stack}, so there is nothing to destroy.")
    elif answer.returncode:
        print(answer.stderr, end="", file=sys.stderr)
        return answer.returncode
    else:
        pulumi_cli.release_dead_lock(stack)
        failed = pulumi_cli.run(
            "destroy", "--yes", "--skip-preview", "--suppress-outputs", "--stack", stack
        ) or pulumi_cli.run("stack", "rm", "--yes", "--preserve-config", "--stack", stack)
        if failed:
            return failed
    state = pulumi_cli.own_state()
    if state is not None:
        tidy(stack, state)
    print("Left: .venv (`make clean` removes it).")
    return 0


def tidy(stack: str, state: Path) -> None:
    """Remove this checkout's own state if no stack needs it any more, and no secret needs its passphrase."""
    stackfile.forget_salt(stack)
    path = stackfile.path_of(stack)
    if path.exists():
        print(f"Left: {path.relative_to(pulumi_cli.ROOT)}, your settings, for the next `make up`.")
    stacks = pulumi_cli.ask("stack", "ls", "--all", "--json")
    if stacks.returncode == 0 and not json.loads(stacks.stdout or "[]"):
        if any(map(stackfile.holds_secret, pulumi_cli.ROOT.glob("stacks/Pulumi.*.yaml"))):
            print("Left: .state/passphrase, which secrets in stacks/ are encrypted with.")
        else:
            shutil.rmtree(state)
    try:
        (pulumi_cli.ROOT / ".local").rmdir()
    except OSError:
        pass  # there is none, or other stacks live in it


if __name__ == "__main__":
    sys.exit(main())
