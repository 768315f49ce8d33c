import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_generated_parts_of_the_documents_are_up_to_date():
    done = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, f"run python docs/generate.py: {done.stdout}"
