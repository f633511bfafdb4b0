"""Areas of the tests: each case is in exactly one, and each area is a target of make and a job on GitHub."""

# What a contributor runs before a change is proposed; the rest is split so that each part takes a few minutes.
CORE = "core"
AREA_OF_FOLDER = {
    "unit": CORE,
    "contract": CORE,
    "docs": CORE,
    "local": "local",
    "aws": "aws",
    "gcp": "gcp",
    "azure": "azure",
    "browser": "slow",
    "frameworks": "slow",
    "fuzz": "slow",
}
AREAS = tuple(dict.fromkeys(AREA_OF_FOLDER.values()))


def area_of(path: str, marks: set[str]) -> str:
    """Area of a case by its file, such as tests/aws/test_stack.py, and its marks.

    The mark `smoke` takes a case into CORE, `slow` out of it. Raises KeyError for a folder that no area knows.
    """
    area = AREA_OF_FOLDER[path.split("/")[1]]
    if "slow" in marks:
        return "slow"
    return CORE if "smoke" in marks else area
