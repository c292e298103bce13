"""The words of each figure, German and English: a short label and one plain sentence."""

from dataclasses import dataclass

from monitoring.bias.figures import Topic


@dataclass(frozen=True)
class Words:
    topic: Topic
    unit: str
    label_de: str
    label_en: str
    text_de: str
    text_en: str
    x_label_de: str = ""
    x_label_en: str = ""
    y_label_de: str = ""
    y_label_en: str = ""


TOPICS: dict[Topic, tuple[str, str]] = {
    "recency": ("Aktualität", "Recency"),
    "popularity": ("Popularität", "Popularity"),
    "exposure": ("Sichtbarkeit", "Exposure"),
    "quality": ("Neuheit, Vielfalt, Serendipität", "Novelty, diversity, serendipity"),
}

WORDS: dict[str, Words] = {
    "age_recommended_median_days": Words(
        "recency", "days", "Alter des Empfohlenen (Median)", "Age of what is recommended (median)",
        "Die Hälfte der Empfehlungen ist höchstens so alt.", "Half of the recommendations are at most this old.",
        "Anteil", "share", "Alter in Tagen", "age in days",
    ),
    "age_watched_median_days": Words(
        "recency", "days", "Alter des Gesehenen (Median)", "Age of what is watched (median)",
        "Die Hälfte dessen, was alle im Fenster sahen, war dabei höchstens so alt.",
        "Half of what everybody watched in the window was at most this old then.",
    ),
    "age_stock_median_days": Words(
        "recency", "days", "Alter des Angebots (Median)", "Age of the offer (median)",
        "Die Hälfte der jetzt abrufbaren Videos ist höchstens so alt.",
        "Half of the videos available now are at most this old.",
    ),
    "age_recommended_p90_days": Words(
        "recency", "days", "Alter des Empfohlenen (90 %)", "Age of what is recommended (90 %)",
        "Neun von zehn Empfehlungen sind höchstens so alt.", "Nine of ten recommendations are at most this old.",
    ),
    "age_watched_p90_days": Words(
        "recency", "days", "Alter des Gesehenen (90 %)", "Age of what is watched (90 %)",
        "Neun von zehn Abrufen galten Videos, die höchstens so alt waren.",
        "Nine of ten plays were of videos at most this old.",
    ),
    "age_stock_p90_days": Words(
        "recency", "days", "Alter des Angebots (90 %)", "Age of the offer (90 %)",
        "Neun von zehn abrufbaren Videos sind höchstens so alt.", "Nine of ten available videos are at most this old.",
    ),
    "never_trainable_share": Words(
        "recency", "share", "Nie trainierbarer Anteil des Angebots", "Share of the offer that is never trained on",
        "So viel des Angebots hat im Fenster zu wenige Abrufe und kann deshalb nicht empfohlen werden (NV-T3).",
        "So much of the offer has too few plays in the window and can therefore not be recommended (NV-T3).",
    ),
    "plays_recommended_mean": Words(
        "popularity", "plays", "Abrufe des Empfohlenen (Mittel)", "Plays of what is recommended (mean)",
        "So oft wurde ein empfohlenes Video im Fenster im Mittel abgerufen.",
        "A recommended video was played this often in the window, on average.",
    ),
    "plays_ratio_to_history": Words(
        "popularity", "ratio", "Popularität gegenüber dem Gesehenen", "Popularity against what is watched",
        "Über 1: empfohlen wird Beliebteres, als ohnehin gesehen wird; unter 1: weniger Beliebtes.",
        "Above 1: more popular videos are recommended than are watched anyway; below 1: less popular ones.",
    ),
    "gini_impressions": Words(
        "popularity", "index", "Ungleichheit der Empfehlungen (Gini)", "Inequality of recommendations (Gini)",
        "0: jedes abrufbare Video wird gleich oft empfohlen; 1: immer dasselbe.",
        "0: every available video is recommended equally often; 1: always the same one.",
        "Anteil des Angebots", "share of the offer", "Anteil", "share",
    ),
    "top_percent_share": Words(
        "popularity", "share", "Anteil der meistgesehenen 1 %", "Share of the most watched 1 %",
        "So viele Empfehlungen gehen an das meistgesehene Hundertstel des Angebots ({count} Videos).",
        "So many recommendations go to the most watched hundredth of the offer ({count} videos).",
    ),
    "coverage_share": Words(
        "exposure", "share", "Abdeckung (Coverage)", "Coverage",
        "So viel des Angebots kam in den Antworten mindestens einmal vor.",
        "So much of the offer appeared at least once in the answers.",
    ),
    "exposure_genre_ratio": Words(
        "exposure", "ratio", "Am stärksten bevorzugtes Genre", "Genre favoured most",
        "„{genre}“ wird so viel mal so oft empfohlen, wie es seinem Anteil am Angebot entspräche.",
        "“{genre}” is recommended this many times as often as its share of the offer would suggest.",
        "Genre", "genre", "Verhältnis", "ratio",
    ),
    "exposure_collection_ratio": Words(
        "exposure", "ratio", "Am stärksten bevorzugte Sammlung", "Collection favoured most",
        "„{collection}“ wird so viel mal so oft empfohlen, wie es ihrem Anteil am Angebot entspräche.",
        "“{collection}” is recommended this many times as often as its share of the offer would suggest.",
        "Sammlung", "collection", "Verhältnis", "ratio",
    ),
    "divergence_genre_history": Words(
        "exposure", "bits", "Abstand zum eigenen Verlauf (Genres)", "Distance from the viewer's own history (genres)",
        "0: die Genres der Empfehlungen gleichen den gesehenen; 1: nichts gemeinsam. Vordere Plätze zählen mehr.",
        "0: the genres recommended are those that the viewer watched; 1: nothing in common. First places count more.",
    ),
    "divergence_genre_stock": Words(
        "exposure", "bits", "Abstand zum Angebot (Genres)", "Distance from the offer (genres)",
        "0: die Genres der Empfehlungen gleichen dem Angebot; 1: nichts gemeinsam. Vordere Plätze zählen mehr.",
        "0: the genres recommended are those of the offer; 1: nothing in common. First places count more.",
    ),
    "novelty_bits": Words(
        "quality", "bits", "Neuheit (Novelty)", "Novelty",
        "Je höher, desto seltener wird das Empfohlene sonst gesehen; 1 Bit mehr heißt halb so oft.",
        "The higher, the more rarely is the recommended watched otherwise; 1 bit more means half as often.",
    ),
    "diversity": Words(
        "quality", "index", "Vielfalt (Diversity)", "Diversity",
        "0: alle Videos einer Antwort sind gleicher Art; 1: keine zwei haben Genre oder Kategorie gemeinsam.",
        "0: all videos of an answer are of one kind; 1: no two share a genre or a category.",
    ),
    "serendipity": Words(
        "quality", "share", "Serendipität (Serendipity)", "Serendipity",
        "So viele Empfehlungen überraschen (nicht unter den meistgesehenen, nicht das Hauptgenre) und passen dennoch.",
        "So many recommendations surprise (not among the most watched, not the main genre) and fit nevertheless.",
    ),
}  # fmt: skip
