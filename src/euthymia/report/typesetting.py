"""How Typst is asked for a page: the template alone, its own fonts, the day of the document as its clock, no warning let through.

Every text goes to Typst as data, never as markup. Same data, same bytes.
"""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from euthymia.report.words import printable

if TYPE_CHECKING:
    from typst import Compiler, PDFStandard

Paper = Literal["a4", "us-letter"]


def compiler_of(template: Path) -> "Compiler":
    """Typst for one template; nothing of the machine decides how a page looks."""
    from typst import Compiler

    # Typst compares real paths: an installer may have linked the file.
    real = template.resolve()
    return Compiler(real, root=real.parent, ignore_system_fonts=True)


def typeset(compiler: "Compiler", inputs: dict[str, str], output: Literal["pdf", "png"], on: date) -> list[bytes]:
    """One pass of Typst, as PDF/UA-1 or as pictures of the pages. A warning (an unknown font is only one) is an error here."""
    standards: list[PDFStandard] = ["ua-1"] if output == "pdf" else []
    midnight = datetime.combine(on, time(), UTC)
    found, warnings = compiler.compile_with_warnings(format=output, sys_inputs=inputs, timestamp=midnight, pdf_standards=standards)
    if warnings or found is None:
        raise RuntimeError(f"found {[str(warning.message) for warning in warnings]} from Typst; allowed: no warning")
    return found if isinstance(found, list) else [found]


def one_line(text: str) -> str:
    """One line without control characters."""
    return printable(re.sub(r"\s+", " ", text))
