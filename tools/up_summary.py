"""The last lines of `make up`: the stack's outputs, to copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from function_code.registry import REPORT, Registry
from function_code.store import Store

if TYPE_CHECKING:
    from function_code.registry import Pointer

_FIRST = ("url", "token", "certificate")  # what one needs to call the endpoint, in this order
_OWN_PLACE = ("curl", "model", "version", "promoted", "metrics", "dataset")


def serving(outputs: dict[str, Any]) -> Pointer | None:
    """Return what serves of a stack on this machine; nothing of other stacks. Raises Refused if it can't be read."""
    if "version" not in outputs:
        return None
    return Registry(Store(outputs["store"]), outputs["model"]).pointer()


def report(stack: str, outputs: dict[str, Any], pointer: Pointer | None) -> str:
    """Return the outputs as text: how to call the endpoint, and which model answers there, if `pointer` says so."""
    names = [name for name in _FIRST if name in outputs]
    names += [name for name in outputs if name not in (*_FIRST, *_OWN_PLACE)]
    width = max(map(len, names), default=0)
    lines = ["", *(f"{name:{width}}  {_plain(outputs[name])}" for name in names)]
    answers = pointer is not None or not outputs.get("version")
    lines += _model(outputs, pointer)
    if "train" in outputs:
        lines += [
            "",
            f"it trains on {_plain(outputs.get('dataset'))} by itself, and answers some minutes after the first up",
        ]
    if "curl" in outputs and answers:
        lines += ["", str(outputs["curl"])]
    if "certificate" in outputs and answers:
        lines += ["", f"in a browser, {outputs['url']} has a form and the model's report; it asks for the token,"]
        lines += ["and the browser whether you trust the certificate, which is this stack's own"]
    also = "" if stack == "local" else f" STACK={stack}"
    predict = f"make predict{also}, " if answers else ""
    lines += ["", f"next: {predict}make test, make down{also}"]
    return "\n".join(lines)


def _model(outputs: dict[str, Any], pointer: Pointer | None) -> list[str]:
    trained = outputs.get("version")
    if not trained:
        return []
    lines = []
    if pointer and (pointer.canary or pointer.stable != trained):
        canary = f", and {pointer.canary[0]} for {pointer.canary[1]:.0%} of the requests" if pointer.canary else ""
        lines += ["", f"serving {pointer.stable}{canary}"]
    lines += ["", f"model {trained}{_state(outputs, pointer)}"]
    dataset = outputs.get("dataset")
    if dataset:
        lines.append(f"  trained on {_plain(dataset)}")
    metrics = outputs.get("metrics") or {}
    if metrics:
        lines.append(f"  {_plain(metrics)}")
    if pointer is None:
        folder = Path(unquote(urlsplit(outputs["store"]).path), "models", outputs["model"], "versions", trained)
        lines.append(f"  its report: {folder / REPORT}")
    return lines


def _state(outputs: dict[str, Any], pointer: Pointer | None) -> str:
    """Tell why the version that was trained last does not serve, "" if it does."""
    if pointer and outputs["version"] in (pointer.stable, *(pointer.canary or ())):
        return ""
    return "  does not serve: " + ("another was chosen since" if outputs["promoted"] else "it failed its gates")


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items())
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
