"""The contract's CSV: any file with the header ``user,item,timestamp``; a mistake is named with column and line."""

from pathlib import Path

import pytest

from core.errors import UserError
from training.datasets.csv_interactions import read_csv


def test_a_file_is_read_whatever_the_order_of_its_columns(tmp_path: Path) -> None:
    file = tmp_path / "i.csv"
    file.write_text("item,timestamp,rating,user\nfilm,20,5,anna\ndoku,10.5,3,anna\n")
    data = read_csv(file)
    assert (data.users, data.items) == (("anna",), ("doku", "film"))
    assert data.at_ms.tolist() == [10_500, 20_000]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("user,item\na,b\n", "line 1: column 'timestamp' is missing"),
        ("", "line 1: column 'user' is missing"),
        ("user,item,timestamp\n", "no line below its header"),
        ("user,item,timestamp\na,b,1\na,,2\n", "line 3: column 'item' is empty"),
        ("user,item,timestamp\na,b\n", "line 2: column 'timestamp' is empty"),
        ("user,item,timestamp\na,b,yesterday\n", "line 2: column 'timestamp': 'yesterday'"),
        ("user,item,timestamp\na,b,-1\n", "line 2: column 'timestamp': '-1'"),
        ("user,item,timestamp\na,b,nan\n", "line 2: column 'timestamp': 'nan'"),
    ],
)
def test_a_mistake_is_named_with_column_and_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "i.csv"
    file.write_text(text)
    with pytest.raises(UserError) as error:
        read_csv(file)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_or_binary_file_is_the_user_s_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_csv(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"user,item,timestamp\n\xff\xfe\x00,b,1\n")
    with pytest.raises(UserError, match="cannot be read"):
        read_csv(tmp_path / "b.csv")
