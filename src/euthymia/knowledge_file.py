"""How a knowledge file is read: TOML into a strict type, or a refusal with its name, its key, found and allowed."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError


class CatalogError(Exception):
    """A knowledge file that cannot be used: the message names file, key, found and allowed."""


M = TypeVar("M", bound=BaseModel)
KNOWLEDGE = Path(str(files("euthymia") / "knowledge"))


def read_knowledge(path: Path, model: type[M]) -> M:
    """Parse one knowledge file into its type. Raises CatalogError naming file, key, found and allowed."""
    return parse(path, read_toml(path), model)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file. Raises CatalogError where it is not TOML or not UTF-8."""
    try:
        # Editors of Windows begin a file with a byte order mark.
        return tomllib.loads(path.read_text(encoding="utf-8").removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{path.name}: found TOML that cannot be read ({error}); allowed: TOML 1.0, no duplicate keys") from None
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path.name}: found byte {error.start} that is not UTF-8; allowed: UTF-8") from None
    except (ValueError, RecursionError):
        found = "a number too long, or tables too deep, to be read"
        raise CatalogError(f"{path.name}: found {found}; allowed: TOML 1.0, no duplicate keys") from None


def parse(path: Path, data: dict[str, Any], model: type[M]) -> M:
    """Tables into a type. Raises CatalogError with every problem, one a line."""
    try:
        return model.model_validate(tuples(data))
    except ValidationError as error:
        raise CatalogError("\n".join(explain(path, problem) for problem in error.errors(include_url=False))) from None


def explain(path: Path, problem: Any, place: str | None = None) -> str:  # noqa: ANN401
    """A problem of pydantic in words: file, key (or the place named), found, allowed; one line for each."""
    key = place or ".".join(str(part) for part in problem["loc"]) or "(file)"
    found, message = problem["input"], problem["msg"].removeprefix("Value error, ")
    shown = "a table" if isinstance(found, dict | tuple | BaseModel) else repr(found)
    if problem["type"] == "missing":
        shown, message = "nothing", "allowed: a value; the key is required"
    elif problem["type"] == "extra_forbidden":
        message = "allowed: a key that this file has; check its spelling"
    if message.startswith("found"):  # One of our own checks has already said what it found.
        return "\n".join(f"{path.name}: {key}: {line}" for line in message.splitlines())
    return f"{path.name}: {key}: found {shown}; {message.replace('Input should', 'allowed: should')}"


def tuples(value: Any) -> Any:  # noqa: ANN401
    """TOML's lists as tuples and its integers where a float is meant: strict types take nothing else."""
    if isinstance(value, dict):
        return {key: tuples(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return tuple(tuples(inner) for inner in value)
    return value
