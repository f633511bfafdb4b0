"""Kinds of resources as Pulumi's SDKs describe them."""

import functools
import importlib
import inspect
import typing
from typing import Any

from pulumi.runtime.rpc import get_resource_module

from tests.support.fake_cloud.values import Values


def kind_of(token: str) -> Any:
    """The SDK's class of a kind of resource."""
    package, module, _ = token.split(":")
    importlib.import_module(f"pulumi_{package.replace('-', '_')}")
    resource_module: Any = get_resource_module(package, module, "")
    info = resource_module.mod_info
    return getattr(importlib.import_module(info["fqn"]), info["classes"][token])


@functools.cache
def shape(token: str) -> tuple[bool, Values]:
    """The SDK's knowledge of a kind: whether it gets a name from Pulumi, and which outputs it always has."""
    kind = kind_of(token)
    getters: list[Any] = [each.fget for each in vars(kind).values() if isinstance(each, property)]
    hints = {get._pulumi_name: typing.get_args(get.__annotations__["return"])[0] for get in getters}
    always = {name: hint for name, hint in hints.items() if type(None) not in typing.get_args(hint)}
    return "name" in inspect.signature(kind._internal_init).parameters and "name" in always, always


def blank(hint: Any, text: str) -> Any:
    kind = typing.get_origin(hint) or hint
    return {str: text, bool: False, int: 0, float: 0}.get(kind, [] if "Sequence" in str(kind) else {})
