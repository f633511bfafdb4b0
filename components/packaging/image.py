"""The code of a training as a container image: built by Docker on this machine, pushed to a cloud's registry."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_docker_build as docker_build

from components.packaging import source_files

DOCKERFILE = source_files.ROOT / "components/packaging/training.Dockerfile"


def training_image(
    name: str,
    repository: pulumi.Input[str],
    build_args: Mapping[str, str],
    platform: docker_build.Platform,
    login: docker_build.RegistryArgs,
    parent: pulumi.Resource,
    depends_on: Sequence[pulumi.Resource] = (),
) -> docker_build.Image:
    """The image, whose `ref` names it by its digest, in a repository by its address.

    `build_args` are CLOUD and FRAMEWORK, `login` is who may push; `depends_on` is what must be there before.
    """
    return docker_build.Image(
        f"{name}-image",
        tags=[pulumi.Output.format("{}:{}-{}", repository, build_args["FRAMEWORK"], _digest())],
        # Relative, so that they are the same on each machine.
        context={"location": "."},
        dockerfile={"location": DOCKERFILE.relative_to(source_files.ROOT).as_posix()},
        build_args=build_args,
        platforms=[platform],
        push=True,
        build_on_preview=False,
        registries=[login],
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on)),
    )


def _digest() -> str:
    """A digest of all that Docker is sent, and of the Dockerfile: the same for the same image."""
    ignored = DOCKERFILE.with_name(f"{DOCKERFILE.name}.dockerignore")
    locks = [source_files.ROOT / "requirements" / f"{name}.txt" for name in ("training", "tensorflow", "pytorch")]
    return source_files.digest([DOCKERFILE, ignored, *locks, *source_files.sources()])
