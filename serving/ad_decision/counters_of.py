"""Which store of caps the settings name; client libraries are imported where they are asked for."""

from core.settings import Settings
from serving.ad_decision.counters import Counters
from serving.ad_decision.sqlite_counters import SqliteCounters


def counters_of(settings: Settings) -> Counters:
    """Open the store that ``ad_decision.counters`` names.

    Raises:
        UserError: a server cannot be reached, or may lose what it has acknowledged.
    """
    address = settings.ad_decision.counters
    if address == "embedded":
        return SqliteCounters(settings.paths.ads.counters)
    if address.startswith("redis"):
        from serving.ad_decision.redis_counters import RedisCounters

        return RedisCounters(address)
    from serving.ad_decision.postgres_counters import PostgresCounters

    return PostgresCounters(address)
