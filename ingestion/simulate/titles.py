"""German-sounding titles, all of them invented, and the editorial paths made from them."""

import random
import re

_PLACES = (
    "Rabensee", "Altenmoor", "Lindenau", "Hohenfurt", "Marschwinkel", "Felsbrunn", "Ostervik", "Birkental",
    "Wolfsgrund", "Kaltenbach", "Neuwerder", "Sommerau", "Tiefenort", "Grünhafen", "Weidenruh", "Erlenkamp", "Seeblick",
)  # fmt: skip
_FIRST = (
    "Hanna", "Jonas", "Mira", "Theo", "Selma", "Anton", "Klara", "Emil", "Frieda", "Oskar", "Paula", "Bruno", "Lotte",
)  # fmt: skip
_ADJECTIVES = (
    "stille", "letzte", "geheime", "verlorene", "kalte", "lange", "neue", "goldene", "fremde", "wilde", "leise",
    "späte", "erste", "weite", "gläserne", "alte", "blaue", "halbe", "ferne",
)  # fmt: skip
_NOUNS = (
    "Reise", "Nacht", "Stadt", "Spur", "Küste", "Brücke", "Insel", "Wahrheit", "Ernte", "Grenze", "Stunde",
    "Mauer", "Heimat", "Quelle", "Rechnung", "Zeit", "Antwort", "Flut", "Hütte", "Werkstatt", "Prüfung", "Wette",
)  # fmt: skip
_FORMS: dict[str, tuple[str, ...]] = {
    "krimi": ("Kommissariat {place}", "Die {adjective} {noun}", "Mord in {place}", "Akte {place}", "Soko {place}"),
    "drama": ("{first} und die {adjective} {noun}", "Die {adjective} {noun}", "Zurück nach {place}"),
    "comedy": ("{first} macht das schon", "WG {place}", "Chaos in {place}", "{first} & {other}"),
    "history": ("Die {adjective} {noun}: Geschichte einer Region", "Damals in {place}", "Das Geheimnis von {place}"),
    "nature": ("Wildes {place}", "Die {adjective} {noun} der Tiere", "Unter dem Eis von {place}"),
    "science": ("Die {adjective} {noun} der Forschung", "Labor {place}", "Wie {first} die Welt vermisst"),
    "politics": ("Die {adjective} {noun}: Reportage", "{place} im Umbruch", "Am Limit: Die {noun}"),
    "news": ("Nachrichten am Abend", "Lage am Mittag", "Kurz am Morgen", "Nachtmagazin"),
    "shows": ("Die {adjective} {noun} Show", "Quiz {place}", "Gäste bei {first}", "Das {noun}-Duell"),
    "football": ("Fußball: {place} - {place2}", "Sportstudio aus {place}", "Der {noun}-Pokal"),
    "wintersport": ("Biathlon in {place}", "Skispringen {place}", "Rodeln: {place}"),
    "kitchen": ("Küche {place}", "{first} kocht", "Die {adjective} {noun} am Herd"),
    "garden": ("Garten {place}", "{first}s Beete", "Grünes {place}"),
    "consumer": ("Markt {place}", "Was kostet die {noun}?", "{first} fragt nach"),
    "animation": ("{first} und die {adjective} {noun}", "Die Bande von {place}", "Drache {first}"),
    "kids-craft": ("Basteln mit {first}", "{first} fragt: Wie geht das?", "Werkstatt {place}"),
}


def title(random_stream: random.Random, theme: str) -> str:
    """Return an invented title in the manner of a theme."""
    place, place2 = random_stream.sample(_PLACES, 2)
    first, other = random_stream.sample(_FIRST, 2)
    return random_stream.choice(_FORMS[theme]).format(
        place=place, place2=place2, first=first, other=other,
        adjective=random_stream.choice(_ADJECTIVES), noun=random_stream.choice(_NOUNS),
    )  # fmt: skip


def slug(text: str) -> str:
    """Return the part of a path that stands for a title."""
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("Ä", "ae"), ("Ö", "oe"), ("Ü", "ue")):
        text = text.replace(umlaut, plain)
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
