"""The number that a form is given out with: sending a form twice is one entry."""

import re
from collections.abc import Mapping
from secrets import token_hex

_TOKEN = re.compile(r"[0-9a-f]{32}")


def new_token() -> str:
    """The number of a form that is given out now."""
    return token_hex(16)


def is_token(said: str) -> bool:
    """Whether it can be the number of a form that was given out here."""
    return _TOKEN.fullmatch(said) is not None


def token_of(form: Mapping[str, str]) -> str:
    """A form's own number; a form that was not given out here gets one now."""
    said = form.get("token", "")
    return said if is_token(said) else new_token()
