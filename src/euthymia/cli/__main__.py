"""`python -m euthymia.cli`."""

from euthymia.cli import app

if __name__ == "__main__":
    app()
