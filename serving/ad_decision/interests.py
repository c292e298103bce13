"""HH-8: what linked households both watch. Only devices with consent to advertising count (PRV-5)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import pyarrow.parquet as pq

from core.algorithms.ads.rules import LinkedOffer
from core.contracts.exports import FCT_PLAYBACKS
from core.paths import Paths
from core.storage import connect
from serving.ad_decision.consents import Consents
from serving.ad_decision.homes import Homes

_WATCHED = """
    select playbacks.device_key, category, content_id
    from (
        select device_key, content_id
        from playbacks
        where is_play and device_key in (select unnest($devices))
        group by all
    ) as playbacks
    inner join (
        select content_id, unnest(categories) as category
        from catalogue
        where audience is distinct from 'kids'
    ) using (content_id)
    where category in (select unnest($categories))
"""
_MEMORY_MEGABYTES = 500


def shared_interests(
    paths: Paths, homes: Homes, consents: Consents, categories: Iterable[str], rules: LinkedOffer
) -> Mapping[str, frozenset[str]]:
    """Return, by household, the categories that it and one linked to it watch, each at least so many videos of.

    Args:
        paths: links, playbacks and catalogue; what is missing gives nothing.
        homes: who lives where now.
        consents: who may be looked at.
        categories: those that a campaign asks for (``linked_categories``); no other is looked up.
        rules: how sure a link, and how many videos.
    """
    wanted = sorted(set(categories))
    if not wanted or not paths.household_links.exists() or not paths.export(FCT_PLAYBACKS).exists():
        return {}
    rows = pq.ParquetFile(paths.household_links).read(["household_a", "household_b", "weight"]).to_pylist()
    links = [(row["household_a"], row["household_b"]) for row in rows if row["weight"] >= rules.min_link_weight]
    home_of = _devices(homes, consents, {household for link in links for household in link})
    if not home_of or not paths.catalogue.exists():
        return {}
    with connect(_MEMORY_MEGABYTES, threads=1) as connection:
        connection.read_parquet(str(paths.export(FCT_PLAYBACKS))).create_view("playbacks")
        connection.read_parquet(str(paths.catalogue)).create_view("catalogue")
        watched = connection.execute(_WATCHED, {"devices": list(home_of), "categories": wanted}).fetchall()
    videos: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for device_key, category, content_id in watched:
        videos[home_of[device_key], category].add(content_id)
    interests: defaultdict[str, set[str]] = defaultdict(set)
    for (household, category), seen in videos.items():
        if len(seen) >= rules.min_videos:
            interests[household].add(category)
    shared: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in links:
        both = interests.get(one, set()) & interests.get(other, set())
        shared[one] |= both
        shared[other] |= both
    return {household: frozenset(both) for household, both in shared.items() if both}


def _devices(homes: Homes, consents: Consents, households: Iterable[str]) -> dict[str, str]:
    """Household of every device with consent in one of them."""
    home_of = {}
    for household in households:
        row = homes.household(household)
        if row is not None:
            home_of.update({key: household for key in homes.members(row) if consents.has(key)})
    return home_of
