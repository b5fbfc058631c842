"""Characters that the letter's typefaces do not have: found by asking Typst, and written as their Unicode codes.

A name in a script that cannot be set must not be lost, and must not stop the letter.
"""

from functools import lru_cache
from typing import Any

_NOTE = "A character that the typeface of this letter does not have is printed as its Unicode code."
_PROBE = b'#set text(font: "Libertinus Serif", lang: "en")\n#set document(title: "glyphs")\n#sys.inputs.text'
# Every typeface has these.
_LATIN = 0x250


def with_codes(data: dict[str, Any]) -> dict[str, Any]:
    """The data of a letter with every character that cannot be set as its code: [U+65E5]; its last line says so."""
    wanted = "".join(sorted({character for text in _texts(data) for character in text if ord(character) >= _LATIN}))
    codes = {ord(character): f"[U+{ord(character):04X}]" for character in _missing(wanted)}
    if not _can_be_set(" ".join(_texts(data)).translate(codes)):
        # Each can be set alone, but not in this order (joined emoji, stacked accents).
        codes = {ord(character): f"[U+{ord(character):04X}]" for character in wanted}
    coded: dict[str, Any] = _replaced(data, codes)
    return coded | {"made-from": f"{coded['made-from']} {_NOTE}"}


def _texts(data: Any) -> list[str]:  # noqa: ANN401
    if isinstance(data, dict | list):
        return [text for value in (data.values() if isinstance(data, dict) else data) for text in _texts(value)]
    return [data] if isinstance(data, str) else []


def _replaced(data: Any, codes: dict[int, str]) -> Any:  # noqa: ANN401
    if isinstance(data, dict):
        return {key: _replaced(value, codes) for key, value in data.items()}
    if isinstance(data, list):
        return [_replaced(value, codes) for value in data]
    return data.translate(codes) if isinstance(data, str) else data


def _missing(characters: str) -> str:
    """Those of the characters that no typeface has: halves are asked for until one character is left."""
    if not characters or _can_be_set(" ".join(characters)):
        return ""
    if len(characters) == 1:
        return characters
    half = len(characters) // 2
    return _missing(characters[:half]) + _missing(characters[half:])


@lru_cache(maxsize=4096)
def _can_be_set(text: str) -> bool:
    from typst import Compiler, TypstError

    try:
        Compiler(_PROBE, ignore_system_fonts=True, sys_inputs={"text": text}).compile(format="pdf", pdf_standards=["ua-1"])
    except TypstError:
        return False
    return True
