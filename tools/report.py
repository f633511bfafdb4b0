"""What `make up` says at its end: the stack's outputs, to copy."""

from __future__ import annotations

from typing import Any

_FIRST = ("url", "token", "certificate")  # what one needs to call the endpoint, in this order
_OWN_PLACE = ("curl", "version", "promoted", "metrics", "dataset")


def report(stack: str, outputs: dict[str, Any]) -> str:
    """Return the outputs as text: how to call the endpoint, and which model answers there."""
    names = [name for name in _FIRST if name in outputs]
    names += [name for name in outputs if name not in (*_FIRST, *_OWN_PLACE)]
    width = max(map(len, names), default=0)
    lines = ["", *(f"{name:{width}}  {_plain(outputs[name])}" for name in names)]
    lines += _model(outputs)
    if "curl" in outputs:
        lines += ["", str(outputs["curl"])]
    if "url" in outputs:
        lines += ["", f"in a browser, {outputs['url']} has a form and the model's report; it asks for the token,"]
        lines += ["and the browser whether you trust the certificate, which is this stack's own"]
    also = "" if stack == "local" else f" STACK={stack}"
    lines += ["", f"next: make predict{also}, make test, make down{also}"]
    return "\n".join(lines)


def _model(outputs: dict[str, Any]) -> list[str]:
    if not outputs.get("version"):
        return []
    state = "" if outputs.get("promoted", True) else "  (kept, but NOT serving: see why above)"
    lines = ["", f"model {outputs['version']}{state}"]
    dataset = outputs.get("dataset")
    if dataset:
        lines.append(f"  trained on {_plain(dataset)}")
    metrics = outputs.get("metrics") or {}
    if metrics:
        lines.append(f"  {_plain(metrics)}")
    return lines


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items())
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
