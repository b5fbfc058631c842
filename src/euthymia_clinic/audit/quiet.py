"""How the clinic logs: what kind of thing went wrong and where in the code; never an address, never the words of an error.

A path names a patient, a query may hold what somebody typed, and an exception's words may hold an answer or a database row.
"""

import logging
import re
import traceback
from pathlib import Path

# Loggers of the parts that we stand on: they put the path of a request into their messages.
_FOREIGN = ("django", "gunicorn", "allauth")
_PATH = re.compile(r"(?:https?:/)?/\S*")


class Quiet(logging.Formatter):
    """Formats a record without paths, queries, and the words of exceptions."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line without an address, with the name of the view instead where there is one."""
        if record.name.startswith(_FOREIGN) and record.levelno >= logging.WARNING:
            match = getattr(getattr(record, "request", None), "resolver_match", None)
            record.message = _PATH.sub("…", record.message.splitlines()[0] if record.message else "")
            if match is not None and match.view_name:
                record.message += f" ({match.view_name})"
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        """The chain of errors by type and place."""
        error, said = ei[1] if isinstance(ei, tuple) else None, []
        while error is not None:
            said.append(f"{type(error).__name__} in {_place(error)}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "; after ".join(said)

    def formatStack(self, stack_info: str) -> str:  # noqa: N802, ARG002 - logging's name
        """Nothing: source lines say no more than the place."""
        return ""


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "euthymia_clinic" in Path(frame.filename).parts or "euthymia" in Path(frame.filename).parts]
    frame = next(reversed(ours or frames), None)
    return f"{Path(frame.filename).name}, line {frame.lineno}" if frame else "no place"
