"""Check of names and docstrings: `python -m tools.words [FILE.py ...]`, every Python file of the project by default.

Refuses names that say nothing of what they name, docstrings that begin with a question word, and files that are long.
Prints a line for each and exits with 1. docs/glossary.md has the terms to use instead.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_LINES = 300
# Each leaves open what was found, made or told. A test's name is a sentence and may have them.
VAGUE = {
    "asked", "found", "given", "half", "heard", "made", "many", "news", "patience", "places", "quick", "said", "told",
    "wanted",
}  # fmt: skip
# Terms of HTTP, of asyncio, of early stopping and of decay, and an algorithm's name.
TERMS = re.compile("not_?found|connection_made|patience_(epochs|rounds)|half_?li[fv]e|quick_?scorer", re.IGNORECASE)
NO_NOUN = {"What", "Which", "Who", "Whoever", "Whom", "Whose", "Where", "Wherever", "Whether", "Those", "Of", "How"}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def problems(path: Path) -> Iterator[str]:
    """Lines such as `stacks/aws.py:7: ...`, one for each breach in a Python file."""
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    if lines > MAX_LINES:
        yield f"{path}:{MAX_LINES + 1}: the file has {lines} lines; split it, {MAX_LINES} are the most"
    for part in (*path.parts[:-1], path.stem):
        if words := _vague(part):
            yield f"{path}:1: {words} in the path: name the thing (docs/glossary.md)"
    tree = ast.parse(text)
    for line, name in _bindings(tree):
        if words := _vague(name):
            yield f"{path}:{line}: {words} in the name {name}: name the thing (docs/glossary.md)"
    for line, first in _first_words(tree):
        if first in NO_NOUN:
            yield f"{path}:{line}: a docstring begins with {first}: begin with a noun or a verb"


def _vague(name: str) -> str:
    if name.startswith("test_"):
        return ""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", TERMS.sub("", name))
    return ", ".join(sorted({part.lower() for part in parts} & VAGUE))


def _bindings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.arg():
                yield node.lineno, node.arg
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.lineno, node.name
            case ast.alias(asname=str(name)):
                yield node.lineno, name
            case ast.ExceptHandler(name=str(name)):
                yield node.lineno, name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield node.lineno, name
            case _:
                pass


def _first_words(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and first word of each docstring, those below a field of a class included."""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED):
            for statement, before in zip(node.body, [None, *node.body], strict=False):
                follows = before is None or isinstance(before, ast.Assign | ast.AnnAssign)
                match statement:
                    case ast.Expr(value=ast.Constant(value=str(text))) if follows and text.split():
                        yield statement.lineno, re.split(r"\W", text.strip(), maxsplit=1)[0]
                    case _:
                        pass


def main() -> int:
    """Print the problems of the files on the command line, or of all that git knows or would take."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    names = sys.argv[1:] or subprocess.check_output(listed, text=True).split()
    lines = [line for name in names if Path(name).is_file() for line in problems(Path(name))]
    print("\n".join(lines) if lines else f"names, docstrings and lengths of {len(names)} files: all is well")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
