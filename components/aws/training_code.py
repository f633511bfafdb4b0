"""The code of a training: in archives, of which the libraries' is unpacked when the function starts, or in an image."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import pulumi

from components.aws.upload_code import upload_archive
from function_code.training.settings import Settings

MIB = 1 << 20


@dataclass(frozen=True)
class TrainingCode:
    """The code that a function trains with, and its libraries."""

    arguments: Mapping[str, Any]
    """The arguments of `lambda_.Function` for its code."""
    libraries: pulumi.Output[str] | None = None
    """The key of the libraries that it unpacks; None if it has them."""
    libraries_mb: int = 0
    """The room that they take on its disk."""


def archived(name: str, architecture: str, args: Mapping[str, Any], parent: pulumi.Resource) -> TrainingCode:
    """Uploads code and libraries, by the inputs of a Trainer: together they are more than a function may unpack to.

    Raises RunError if an archive can't be made, or is too big.
    """
    place = (architecture, args["store"], args.get("tags"), parent)
    code = upload_archive(f"{name}-code", "training_code", *place)
    libraries = upload_archive(f"{name}-libraries", "training_libraries", *place)
    return TrainingCode(code.arguments(), libraries.stored.key, ceil(libraries.archive.unpacked / MIB))


def in_image(name: str, architecture: str, args: Mapping[str, Any], parent: pulumi.Resource) -> TrainingCode:
    """Builds the image, by the inputs of a Trainer."""
    # Imported here: most stacks do without Docker and its SDK.
    from components.aws.image import image

    return TrainingCode(image(name, args.get("framework", Settings.framework), architecture, args.get("tags"), parent))
