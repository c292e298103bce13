"""Which campaigns may be shown here, and why: targets against what is watched and who watches (HH-6, HH-8, HH-9)."""

from core.algorithms.ads.opportunity import Content, Viewer
from core.algorithms.ads.rules import AdRules, Reason
from core.domain.advertising import Campaign, Target

_NOBODY = Viewer()


def reason_for(
    campaign: Campaign, content: Content, viewer: Viewer | None, month: int, rules: AdRules, is_related: bool = False
) -> Reason | None:
    """Why a campaign may be shown; None where it may not. Whether it runs at all, and its caps, are asked elsewhere.

    Args:
        campaign: whose target is asked.
        content: what is watched; on children's content nothing but the run of network passes.
        viewer: None where nothing may be known: a target of persons then never fits.
        month: 1 to 12.
        rules: as configured.
        is_related: the content is related to that in which the spot was just seen (HH-7); stands for its categories.
    """
    target = campaign.target
    if target.months and month not in target.months:
        return None
    if content.is_kids:
        return "run-of-network" if target.is_run_of_network and rules.kids == "run-of-network" else None
    if target.categories and not (is_related or target.categories & content.categories):
        return None
    if target.is_personal and not _fits(target, viewer or _NOBODY):
        return None
    return _named(target)


def _fits(target: Target, viewer: Viewer) -> bool:
    return (
        (not target.age_groups or viewer.age_group in target.age_groups)
        and (not target.gender or viewer.gender in target.gender)
        and (not target.income or viewer.income in target.income)
        and (not target.linked_categories or bool(target.linked_categories & viewer.shared_interests))
    )


def _named(target: Target) -> Reason:
    if target.linked_categories:
        return "linked-offer"
    if target.income:
        return "income-class"
    return "run-of-network" if target.is_run_of_network else "campaign-target"
