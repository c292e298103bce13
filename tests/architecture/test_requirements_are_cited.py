"""Every requirement in scope is cited by a test, so that a reader finds what would fail without it."""

import re

import pytest

from core.paths import PROJECT_ROOT

IN_SCOPE = (
    [f"LOG-{number}" for number in range(1, 5)]
    + ["NV-1", "NV-2", "NV-C1", "NV-C2", "NV-P1", "NV-X1", "NV-X2", "NV-M1", "NV-M2", "NV-K1", "NV-K2"]
    + [f"NV-R{number}" for number in range(1, 5)]
    + [f"NV-H{number}" for number in range(1, 5)]
    + [f"NV-T{number}" for number in range(1, 7)]
    + [f"NV-U{number}" for number in range(1, 5)]
    + ["HH-4", "HH-6", "HH-7", "HH-8", "HH-9", "HH-10", "HH-11", "PRV-5"]
    + ["MC-1", "MC-2", "PRV-1", "PRV-2", "PRV-4", "OPS-1", "OPS-2", "OPS-3"]
)
CITATION = re.compile(
    r"\b(LOG|NV|HH|MC|PRV|OPS)[-_]([A-Z]?)(\d+)(?:(?:\.\.|-| to )(?:\1[-_])?\2?(\d+))?", re.IGNORECASE
)


def cited() -> set[str]:
    """Numbers in tests, also in names (``nv_r4``) and in ranges (``NV-H1..NV-H4``)."""
    found = set()
    files = [file for suffix in ("py", "yml", "sql") for file in (PROJECT_ROOT / "tests").rglob(f"*.{suffix}")]
    files += [*(PROJECT_ROOT / "dbt").rglob("*.yml"), *(PROJECT_ROOT / "dbt" / "tests").rglob("*.sql")]
    for file in files:
        if file.name == "test_requirements_are_cited.py":
            continue
        for prefix, letter, first, last in CITATION.findall(file.read_text()):
            for number in range(int(first), int(last or first) + 1):
                found.add(f"{prefix.upper()}-{letter.upper()}{number}")
    return found


@pytest.mark.parametrize("number", IN_SCOPE)
def test_a_test_cites(number: str) -> None:
    assert number in cited(), f"write a test that fails without {number} and cite the number in its name or docstring"
