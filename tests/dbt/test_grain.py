"""The project's own generic test finds rows that share a key and rows that break a condition, null ones too."""

import re

import jinja2
import pytest

from core.storage import connect
from core.warehouse.project import PROJECT

_ROWS = "(values ('a', 1, 0.5), ('b', 1, 0.5), ({key}, {part}, {share})) as rows_given(device, part, share)"


def _found(*, key: str, part: int, share: str) -> list[str | None]:
    """Devices that the test complains of."""
    text = (PROJECT / "tests/generic/is_unique_together.sql").read_text()
    body = re.sub(r"{% (end)?test.*?%}", "", text)
    conditions = ["device is not null", "share between 0 and 1"]
    query = jinja2.Template(body, undefined=jinja2.StrictUndefined).render(
        model=f"(from {_ROWS.format(key=key, part=part, share=share)})", columns=["device", "part"], holds=conditions
    )
    with connect() as connection:
        return [row[0] for row in connection.execute(query).fetchall()]


@pytest.mark.parametrize(
    ("key", "part", "share", "found"),
    [
        ("'c'", 1, "1.0", []),
        ("'a'", 2, "0.0", []),
        ("'a'", 1, "0.5", ["a"]),
        ("'c'", 1, "1.5", ["c"]),
        ("'c'", 1, "null::double", ["c"]),
        ("null", 1, "0.5", [None]),
    ],
)
def test_a_doubled_key_and_a_broken_condition_are_found(key: str, part: int, share: str, found: list[str]) -> None:
    assert _found(key=key, part=part, share=share) == found
