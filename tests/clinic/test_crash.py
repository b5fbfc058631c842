"""kill -9 of the server under write load, a few times (`make crash` does it 200 times): nothing acknowledged is lost."""

import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools/kill_under_load.py"


@pytest.mark.only_on("linux")  # Which processes a killed server leaves behind is asked of Linux.
def test_five_kills_lose_nothing_and_double_nothing() -> None:
    done = subprocess.run([sys.executable, str(TOOL), "--kills", "5"], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 lost" in done.stdout
    assert " 0 doubled" in done.stdout
