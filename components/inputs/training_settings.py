"""What a trainer's inputs say of the training itself, the same for every cloud."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.packaging import source_files
from function_code.training.settings import Settings


def training_settings(args: Mapping[str, Any]) -> pulumi.Output[str]:
    """The settings as the JSON that a training reads, as far as they are given."""
    return pulumi.Output.json_dumps({**_given(args), "synthetic": not {"dataset", "airtable"} & args.keys()})


def airtable_environment(args: Mapping[str, Any], token: pulumi.Input[str]) -> dict[str, pulumi.Output[str]]:
    """What a pull from Airtable reads beside: its settings as JSON, and a digest of the code that trains.

    `token` says where the token is.
    """
    settings = pulumi.Output.json_dumps({**args["airtable"], "token": token})
    return {"AIRTABLE": settings, "CODE": pulumi.Output.from_input(source_files.digest(source_files.training_files()))}


def training_environment(
    args: Mapping[str, Any], seconds: int, token: pulumi.Input[str] | None
) -> dict[str, pulumi.Input[str]]:
    """What a training that may take so long reads; `token` says where Airtable's is, if data comes from there."""
    return {
        "STORE": args["store"],
        "MODEL": args["model"],
        "TRAINING": training_settings(args),
        "SECONDS": str(seconds),
        **(airtable_environment(args, token) if token is not None else {}),
    }


def asked_for(args: Mapping[str, Any]) -> str:
    """What a schedule or a person asks for: to pull where data comes from Airtable, elsewhere to retrain."""
    return "pull" if "airtable" in args else "retrain"


def training_digest(args: Mapping[str, Any]) -> pulumi.Output[str]:
    """Of the settings and of the code: another one asks for another training."""
    return pulumi.Output.json_dumps(_given(args), sort_keys=True).apply(
        lambda text: source_files.text_digest(text + source_files.digest(source_files.training_files()))
    )


def _given(args: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in args.items() if key in Settings.__dataclass_fields__}
