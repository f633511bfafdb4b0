"""The files of function_code that serve, and those that train; digests of files; what to leave out of ONNX's wheel."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "function_code"
SUFFIXES = (".py", ".html", ".css", ".js")
SHARED = (
    "__init__.py",
    "column.py",
    "column_converters.py",
    "dialects",
    "errors.py",
    "history_checks.py",
    "history_features.py",
    "plain_dates.py",
    "registry.py",
    "request_checks.py",
    "schema.py",
    "snapshot_checks.py",
    "store.py",
)
SERVING = ("entrypoints", "scoring", "serving")
OUTSIDE_TRAINING = ("airtable", "batch", "streams.py")  # whole files and tables: a training has no part of it
# What an endpoint does without of onnxruntime's Linux wheel, as patterns of paths below site-packages. The wheel has
# its core twice: within the Python extension, which links to no other file of the wheel, and as a library for programs
# in C. The folders make and convert models. Of 1.32, 80 MB become 37. libonnxruntime_providers_shared.so, of 15 kB,
# stays: without it every start warns.
ONNX_LEFT_OUT = (
    "onnxruntime/capi/libonnxruntime.so*", "onnxruntime/backend/*", "onnxruntime/datasets/*",
    "onnxruntime/quantization/*", "onnxruntime/tools/*", "onnxruntime/transformers/*",
)  # fmt: skip
GENERATOR = CODE / "data" / "synthetic.py"
NOT_TRAINING = ("data/instances.py", "data/synthetic.py")  # other data is what retrains, so its generator need not


def sources() -> list[Path]:
    """All files: a training is shipped with them, because it compares its model with the scorer that will serve it."""
    return sorted(path for path in CODE.rglob("*") if path.suffix in SUFFIXES)


def serving_files() -> list[Path]:
    """The files that answer requests: a change of one restarts an endpoint."""
    return [path for path in sources() if _top(path) in (*SHARED, *SERVING)]


def training_files() -> list[Path]:
    """The files that read, fit and publish: a change of one makes another model."""
    return [
        path
        for path in sources()
        if _top(path) not in (*SERVING, *OUTSIDE_TRAINING) and _name(path) not in NOT_TRAINING
    ]


def starting_files() -> list[Path]:
    """The files that start a training which runs elsewhere."""
    entrypoints = [
        CODE / "entrypoints" / name for name in ("__init__.py", "gcp/__init__.py", "gcp/start_job.py", "json_log.py")
    ]
    return [CODE / "__init__.py", *entrypoints]


def estimator_files(estimator: str) -> list[Path]:
    """The file of an estimator's module:function, if it lies in the project but not where all training code does."""
    path = (ROOT / estimator.partition(":")[0].replace(".", "/")).with_suffix(".py")
    return [path] if estimator and path.is_file() and CODE not in path.parents else []


def digest(paths: Iterable[Path]) -> str:
    """A digest that is the same for the same contents under the same names, in whichever folder and order."""
    total = sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(ROOT).as_posix()}\0{sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()[:16]


def text_digest(text: str) -> str:
    """The beginning of the text's sha256."""
    return sha256(text.encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """The sha256 of a file that need not fit in memory."""
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def _name(path: Path) -> str:
    return path.relative_to(CODE).as_posix()


def _top(path: Path) -> str:
    return _name(path).partition("/")[0]
