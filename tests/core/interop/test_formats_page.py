"""docs/formats.md: its three examples are read, and are the same patient."""

import re
from pathlib import Path

from euthymia.reading import read

PAGE = Path(__file__).parents[3] / "docs/formats.md"


def test_the_three_examples_are_one_record(tmp_path: Path) -> None:
    examples = re.findall(r"```(?:json|csv)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 3
    readings = []
    for number, example in enumerate(examples):
        path = tmp_path / f"example-{number}"
        path.write_text(example, encoding="utf-8")
        readings.append(read(path))
    assert [reading.skipped for reading in readings] == [(), (), ()]
    assert len(readings[0].record.events) == 6
    assert readings[0].record == readings[1].record == readings[2].record
