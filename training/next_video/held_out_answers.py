"""What the evaluated model answered at the test, kept beside the run: monitoring's ranking report reads it.

Of the model that saw neither validation nor test, so that the report shows what the metrics show. Users are numbers
within one file: nothing here leads to a device (PRV-1, PRV-3).
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.ranking import BlendShares, combine
from training.datasets.splits import Split
from training.next_video.evaluate import TasteOf, drawn
from training.next_video.metrics import top_rows

FOLDER = "held_out_answers"
COUNT = 10
SCHEMA = pa.schema(
    [
        ("user_number", pa.int32()),
        ("kind", pa.string()),  # recommended, wanted (the item played in truth), history
        ("content_id", pa.string()),
        ("rank", pa.int32()),  # 1 is best; only of recommended
        ("score", pa.float32()),  # only of recommended
    ]
)


def write(
    file: Path, model: ClassModel, split: Split, blend: BlendShares, taste_of: TasteOf, max_users: int, seed: int
) -> None:
    """Answer the test's targets once more and write one Parquet file, schema ``SCHEMA``."""
    targets = drawn(split.test, max_users, np.random.default_rng(seed))
    rows: list[tuple[int, str, str, int | None, float | None]] = []
    for number, target in enumerate(targets.tolist()):
        history = split.history(target)
        *earlier, current = history
        scores = combine(model, earlier, current, blend, taste_of(target)).scores
        best = sorted(top_rows(scores, history, COUNT).tolist(), key=lambda row: -scores[row])
        name_of = model.vocabulary
        rows += [
            (number, "recommended", name_of[row], rank, float(scores[row])) for rank, row in enumerate(best, start=1)
        ]
        rows.append((number, "wanted", name_of[int(split.interactions.item[target])], None, None))
        rows += [(number, "history", name_of[row], None, None) for row in dict.fromkeys(history)]
    columns = zip(*rows, strict=True) if rows else [[] for _ in SCHEMA]
    file.parent.mkdir(parents=True, exist_ok=True)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    pq.write_table(pa.table(arrays, schema=SCHEMA), file)
