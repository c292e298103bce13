"""The editors' rules as the card prints them: the same objects that serving decides with (MC-2)."""

from collections.abc import Iterable

from core.algorithms.next_video.rules import Rules
from core.settings import Settings
from monitoring.model_cards.content import Rule, Sentence, Value
from monitoring.model_cards.content import Rules as RuleList
from monitoring.model_cards.wording import say


def rule_list(rules: Rules, settings: Settings, numbers: Iterable[str]) -> RuleList:
    """Return the rules of these numbers, in this order, with their parameters and thresholds filled in."""
    return RuleList(items=tuple(_described(rules, settings, number) for number in numbers))


def _described(rules: Rules, settings: Settings, number: str) -> Rule:
    rule = rules.rules[number]
    title = Sentence(key=f"rule_title.{number}", number=number, de=rule.title.de, en=rule.title.en)
    if not rule.enabled:
        off = say("rule.off").model_copy(update={"key": f"rule.{number}", "number": number})
        return Rule(number=number, is_on=False, title=title, text=off)
    thresholds = settings.next_video.model_dump(exclude={"blend"})
    values = {name: _value(name, value) for name, value in {**thresholds, **rule.parameters}.items()}
    named = {name: value for name, value in values.items() if f"{{{name}}}" in rule.text.de + rule.text.en}
    de, en = rule.text.de, rule.text.en
    for name in rule.parameters:  # what a rule works with stands on the card, whether its text names it or not
        if name not in named:
            named[name] = values[name]
            more = say("rule.applies_to", words=values[name])
            de = f"{de} {more.de}".replace("{words}", f"{{{name}}}")
            en = f"{en} {more.en}".replace("{words}", f"{{{name}}}")
    text = Sentence(key=f"rule.{number}", number=number, de=de, en=en, values=named)
    return Rule(number=number, is_on=True, title=title, text=text)


def _value(name: str, value: int | float | list[str]) -> Value:
    if isinstance(value, list):
        return Value(unit="terms" if name in ("genres", "audiences") else "words", words=tuple(value))
    if name.startswith("year_"):  # a year has no mark for thousands
        return Value(unit="words", words=(str(value),))
    return Value(unit="share" if name.endswith("_share") else "count", number=value)
