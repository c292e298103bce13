"""The fast path for events: one vectorised statement says which lines are certainly fine, and what is in them.

It never refuses anything. Whatever is not certainly fine is left to the careful path (``ingestion.records``), so the
two cannot disagree about what is quarantined; a property test holds the fast path to be a subset of the careful one.
"""

import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.contracts import landing_fields as bounds
from core.contracts.lake import EVENTS
from core.contracts.landing import EVENT_KINDS, KNOWN_EVENT_FIELDS
from core.domain.device import DEVICE_CLASSES

_BATCH_ROWS = 16_384  # DuckDB reads a table of one record batch in one thread, however long it is
_NUMBERS = ("watched_s", "position_s", "duration_s")
_TEXTS = tuple(name for name in KNOWN_EVENT_FIELDS if name not in (*_NUMBERS, "items", "consent"))
_FREE = ("event_id", "content_id", "series_id", "playback_id", "page", "use_case", "arm", "spot_id", "break_id")
_MINUTE = r"([01]\d|2[0-3]):[0-5]\d"
_INSTANT = rf"\d{{4}}-\d\d-\d\dT{_MINUTE}:[0-5]\d(\.\d{{1,6}})?(Z|[+-]{_MINUTE})"
# Anything that might hold a written MAC or IP address; the careful path looks closer.
_ADDRESS_LIKE = r"(?:[0-9a-fA-F]{2}[:-]){5}|(?:[0-9a-fA-F]{4}\.){2}|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d|:[0-9a-fA-F]{0,4}:"

SCREENED = pa.schema(
    [
        ("seq", pa.int64()),
        ("unknown_count", pa.int64()),
        ("is_fine", pa.bool_()),  # the row counts: to mark others costs less than to throw them away
        ("device", pa.string()),  # its key, also without consent: never written (PRV-2)
        *(field for field in EVENTS if field.name != "batch_id"),
    ]
)
# A line is parsed once. What is taken as JSON text still tells its type: a text has quotes, null is missing.
STRUCTURE = json.dumps(
    {name: "VARCHAR" if name in _TEXTS and name != "mac" else "JSON" for name in KNOWN_EVENT_FIELDS}
    | {"consent": dict.fromkeys(("personalisation", "advertising"), "JSON")}
)


def _was_text(name: str) -> str:
    """As VARCHAR, 5 and "5" are one: whoever does not begin like a text alone is looked at again, which costs more."""
    text = f'"{name}"'
    begins_otherwise = " or ".join(f"({text} >= '{a}' and {text} < '{b}')" for a, b in _OTHER_BEGINNINGS)
    is_doubtful = f"{begins_otherwise} or {text} in ('true', 'false')"
    return f"case when {is_doubtful} then json_type(line, '$.{name}') = 'VARCHAR' else true end"


_OTHER_BEGINNINGS = (("-", "."), ("0", ":"), ("[", "\\"), ("{", "|"))  # numbers, lists, objects


def _is_text(name: str, limit: int = bounds.MAX_TEXT) -> str:
    return f"""(strlen("{name}") between 1 and {limit} and {_was_text(name)})"""


def _is_text_or_null(name: str, limit: int = bounds.MAX_TEXT) -> str:
    return f"""("{name}" is null or strlen("{name}") <= {limit} and {_was_text(name)})"""


def _is_number(name: str) -> str:
    return f"{name} between 0 and {bounds.MAX_SECONDS}"  # what is no number was not to be cast to one


def _is_flag_or_missing(name: str) -> str:
    return f"coalesce(record.consent.{name}::varchar, 'false') in ('true', 'false')"


_IS_VIEW = f"""(
    {_is_text("content_id")} and {_is_text("playback_id")} and {_is_number("watched_s")} and {_is_number("duration_s")}
    and duration_s > 0 and (record.position_s is null or {_is_number("position_s")})
    and watched_s <= duration_s * {bounds.WATCHED_FACTOR} + {bounds.WATCHED_SLACK}
    and coalesce(position_s, 0) <= duration_s * {bounds.POSITION_FACTOR} + {bounds.POSITION_SLACK}
)"""
_ITEMS_FINE = f"""(
    prefix(record.items::varchar, '[') and list_distinct(json_type(record.items, '$[*]')) in ([], ['VARCHAR'])
    and len(list_filter(items, lambda item: strlen(item) not between 1 and {bounds.MAX_TEXT})) = 0
)"""
_KIND_FINE = f"""case event
    when 'view' then {_IS_VIEW}
    when 'click' then {_is_text("content_id")}
    when 'recommendation' then {_is_text("use_case")} and {_is_text_or_null("arm")} and {_ITEMS_FINE}
    when 'ad' then {_is_text("spot_id")} and {_is_text("break_id")}
    when 'bookmark' then {_is_text("series_id")}
    when 'unbookmark' then {_is_text("series_id")}
    else false end"""
_IS_FINE = f"""
    happened_at between timestamp '{bounds.MIN_EVENT_YEAR}-01-01' and $latest_at
    and {_is_text("event_id")}
    and regexp_full_match("at", '{_INSTANT}') and device_class in {DEVICE_CLASSES}  -- nothing but a text reads so,
    and strlen(ip) <= {bounds.MAX_TEXT}  -- and nothing but a text is a public address
    and prefix(record.mac::varchar, '"') and strlen(mac) <= {bounds.MAX_TEXT}
    and {_is_text_or_null("user")} and {_is_text_or_null("page")}
    and {_is_text_or_null("content_id")} and {_is_text_or_null("series_id")}
    and case when coalesce(record.consent.personalisation, record.consent.advertising) is null
        then coalesce(json_type(line, '$.consent'), 'NULL') in ('NULL', 'OBJECT') else true end
    and {_is_flag_or_missing("personalisation")} and {_is_flag_or_missing("advertising")}
    and not regexp_matches(free_text, '{_ADDRESS_LIKE}')
    and strlen(bare_mac) = 12 and not contains(free_text, bare_mac)
    and ({_KIND_FINE})
"""

_PLAIN = {
    **{name: f'record."{name}"' for name in _TEXTS},
    "mac": "record.mac ->> '$'",
    **{name: f"try_cast(record.{name}::varchar as double)" for name in _NUMBERS},
    "items": "record.items ->> '$[*]'",
}
# What a kind of event does not have by the contract is not looked at and not kept.
_ONLY_FOR = {
    "playback_id": "view", "watched_s": "view", "position_s": "view", "duration_s": "view",
    "use_case": "recommendation", "arm": "recommendation", "items": "recommendation",
    "spot_id": "ad", "break_id": "ad",
}  # fmt: skip
_VALUES = {
    name: f"nullif({name}, '')" if name not in (*_NUMBERS, "items") else name
    for name in ("content_id", "series_id", "page", *_ONLY_FOR)
} | {
    "has_personalisation_consent": "coalesce(record.consent.personalisation::varchar = 'true', false)",
    "has_advertising_consent": "coalesce(record.consent.advertising::varchar = 'true', false)",
    "happened_at": "coalesce(happened_at, timestamp 'epoch')",
}
_KEYS = ("device_key", "address_key", "user_key", "is_mac_local")  # made by the desk
_RAW = ", ".join(
    f"""case when is_fine then coalesce("{name}", '') else '' end as "{name}\""""  # others trouble no desk
    for name in ("mac", "ip", "user")
)


def _value(name: str) -> str:
    value = _VALUES.get(name, name)
    return f"case when event = '{_ONLY_FOR[name]}' then {value} end" if name in _ONLY_FOR else value


# Lines that are not fine stay in the result with a flag: as a condition, all of it would be worked out once more.
SCREEN = f"""
with parsed as (
    select
        seq,
        line,
        json_transform(line, '{STRUCTURE}') as record,
        len(list_filter(json_keys(line), lambda key: not list_contains({[*KNOWN_EVENT_FIELDS]}, key))) as unknown_count
    from lines
    where json_valid(line)
),
plain as (
    select
        seq, line, record, unknown_count,
        {", ".join(f'{value} as "{name}"' for name, value in _PLAIN.items())}
    from parsed
),
timed as (
    select
        *,
        replace(replace(replace(lower(mac), ':', ''), '-', ''), '.', '') as bare_mac,
        lower(concat_ws(' ', {", ".join(_FREE)}, array_to_string(items, ' '))) as free_text,
        make_timestamp(epoch_us(try_cast("at" as timestamptz))) as happened_at
    from plain
),
judged as (
    select *, coalesce({_IS_FINE}, false) as is_fine from timed
)
select
    seq, unknown_count, is_fine,
    {_RAW},
    {", ".join(f"{_value(name)} as {name}" for name in EVENTS.names if name not in (*_KEYS, "batch_id"))}
from judged
"""

IGNORED_FIELDS = f"""
select name, count(*) from (
    select unnest(json_keys(line)) as name from lines
    semi join (select seq from fine where unknown_count > 0) using (seq)
)
where name not in {KNOWN_EVENT_FIELDS} group by name
"""

assert set(_ONLY_FOR.values()) <= set(EVENT_KINDS)


def screen(connection: Any, lines: Any, latest_at: datetime) -> Any:
    """Return rows of lines, as far as they are certainly fine, with raw addresses: for ``with_keys`` alone.

    Args:
        connection: of nobody else meanwhile.
        lines: Arrow table (line, seq).
        latest_at: aware; later events are left to the careful path.
    """
    connection.register("lines", pa.Table.from_batches(lines.to_batches(max_chunksize=_BATCH_ROWS), lines.schema))
    rows = connection.sql(SCREEN, params={"latest_at": latest_at.replace(tzinfo=None)}).to_arrow_table()
    connection.unregister("lines")
    return rows


def with_keys(rows: Any, desk: Any) -> Any:
    """Return an Arrow table of the schema ``SCREENED``; its ``is_fine`` tells which lines are certainly fine.

    Args:
        rows: what ``screen`` returned.
        desk: the ``PseudonymDesk`` that turns distinct addresses into keys.
    """
    device, is_local = desk.devices(rows["mac"])
    address, user = desk.addresses(rows["ip"], rows["happened_at"]), desk.users(rows["user"])
    has_consent = pc.or_(rows["has_personalisation_consent"], rows["has_advertising_consent"])
    columns = {name: rows[name] for name in rows.column_names} | {
        "is_fine": pc.and_(rows["is_fine"], pc.and_(pc.is_valid(device), pc.is_valid(address))),
        "device": device,
        "device_key": pc.if_else(has_consent, device, None),
        "address_key": pc.if_else(has_consent, address, None),
        "user_key": pc.if_else(has_consent, user, None),
        "is_mac_local": pc.if_else(has_consent, is_local, None),
    }
    return pa.table([columns[name] for name in SCREENED.names], names=SCREENED.names).cast(SCREENED)
