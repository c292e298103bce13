"""PRV-3: rows that name a device are found in any text column, and taken out."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.device_rows import count_rows, parquet_files, remove_rows, rows_of

KEY, OTHER = "d_" + "1" * 24, "d_" + "2" * 24


def _file(folder: Path, rows: list[dict[str, object]]) -> Path:
    file = folder / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file


def test_a_key_is_found_in_a_text_a_list_of_texts_and_a_dictionary(tmp_path: Path) -> None:
    words = pa.array([OTHER, OTHER, KEY, OTHER]).dictionary_encode()
    rows = pa.table(
        {
            "number": [1, 2, 3, 4],
            "device_key": [KEY, OTHER, None, None],
            "items": [[], [OTHER, KEY], None, [OTHER]],
            "word": words,
        }
    )
    file = tmp_path / "rows.parquet"
    pq.write_table(rows, file)
    assert [row["number"] for row in rows_of(file, {KEY})] == [1, 2, 3]
    assert count_rows(file, {"d_" + "3" * 24}) == 0


def test_what_is_left_keeps_its_order_and_its_types(tmp_path: Path) -> None:
    file = _file(tmp_path, [{"k": OTHER, "n": 3}, {"k": KEY, "n": 2}, {"k": OTHER, "n": 1}])
    schema = pq.ParquetFile(file).schema_arrow
    assert remove_rows(file, {KEY}) == 1
    left = pq.ParquetFile(file).read()
    assert left["n"].to_pylist() == [3, 1]
    assert left.schema == schema
    assert KEY.encode() not in file.read_bytes()
    assert remove_rows(file, {KEY}) == 0


def test_a_file_of_which_nothing_is_left_goes(tmp_path: Path) -> None:
    file = _file(tmp_path, [{"k": KEY}, {"k": KEY}])
    assert remove_rows(file, {KEY}) == 2
    assert not file.exists()


def test_a_part_that_is_linked_to_is_seen_once(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    file = _file(tmp_path / "parts", [{"k": KEY}])
    (tmp_path / "model.parquet").symlink_to("parts")
    assert list(parquet_files(tmp_path)) == [file]
