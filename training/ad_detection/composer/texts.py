"""What is said: sentences of talk and of spots from small grammars, and made-up words for any other language."""

from typing import Final

import numpy as np

_CODES: Final = (
    "de en-us en-gb-scotland en-gb-x-rp fr es es-419 it nl pl pt pt-br ru sv da nb fi cs sk hu ro bg el tr uk "
    "hr sr sl lt lv et ca eu ga cy is mk hi id ms sw "
)
LANGUAGES: Final = tuple(_CODES.split())
"""eSpeak's codes. Those without a grammar below speak made-up words: what counts is how it sounds."""

_ONSETS: Final = "b d f g k l m n p r s t v br tr st kl"
_VOWELS: Final = ["a", "e", "i", "o", "u"]
_TALK: Final = {
    "de": (
        "Guten Morgen, {n} Uhr, hier sind die Nachrichten.|Die Regierung hat am Abend über den Haushalt beraten.|"
        "Wir sprechen heute mit einer Fachfrau für {w}.|Und was bedeutet das für die Menschen vor Ort?|"
        "Ich glaube, das hängt sehr davon ab, wie man {w} versteht.|Am Wochenende wird es wechselhaft bei {n} Grad.|"
        "Auf der A {n} gibt es zwischen den Anschlussstellen einen Stau.|Das hat uns damals alle sehr überrascht."
    ),
    "en": (
        "Good morning, it is {n} o'clock and here is the news.|The council met last night to discuss {w}.|"
        "With me in the studio is somebody who has written about {w} for years.|What does that mean for people there?|"
        "Well, I think it rather depends on how you look at it.|Temperatures will reach {n} degrees in the south.|"
        "There are delays of about {n} minutes on the main road.|That came as a surprise to all of us at the time."
    ),
    "fr": (
        "Bonjour, il est {n} heures, voici les informations.|Le conseil a débattu hier soir de {w}.|"
        "Nous recevons ce matin une spécialiste de {w}.|Qu'est-ce que cela change pour les habitants?|"
        "Je crois que cela dépend beaucoup du point de vue.|Il fera {n} degrés cet après-midi dans le sud."
    ),
    "es": (
        "Buenos días, son las {n} y estas son las noticias.|El consejo discutió anoche sobre {w}.|"
        "Hoy hablamos con una experta en {w}.|¿Y qué significa eso para la gente?|Creo que depende de cómo se mire.|"
        "Mañana tendremos {n} grados en la costa."
    ),
    "it": (
        "Buongiorno, sono le {n}, ecco le notizie.|Il consiglio ha discusso ieri sera di {w}.|"
        "Oggi parliamo con un'esperta di {w}.|E che cosa significa per la gente?|Credo che dipenda dal punto di vista."
    ),
}
_SPOT: Final = {
    "de": (
        "Jetzt zugreifen!|Nur diese Woche: {w} für nur {n} Euro!|Das große {w} Fest, bis zu {n} Prozent Rabatt!|"
        "{w}. So gut kann das sein.|Jetzt in Ihrem Markt oder auf {w} Punkt de e.|"
        "Zu Risiken und Nebenwirkungen fragen Sie Ihren Arzt oder Apotheker.|Ruf an: Null achthundert {n} {n} {n}!"
    ),
    "en": (
        "Hurry, this week only!|Save up to {n} percent on {w}!|{w}. It is that good.|Terms and conditions apply.|"
        "Call now, oh eight hundred {n} {n} {n}!|Get yours today for only {n} ninety nine!|Visit {w} dot com."
    ),
    "fr": (
        "Profitez-en vite!|{w}, à partir de {n} euros seulement!|Jusqu'à moins {n} pour cent sur {w}!|"
        "{w}, et la vie est belle.|Rendez-vous sur {w} point fr."
    ),
    "es": "¡Sólo esta semana!|¡Hasta un {n} por ciento en {w}!|{w}, así de bueno.|Llame ya al {n} {n} {n}.",
    "it": "Solo questa settimana!|Fino al {n} per cento su {w}!|{w}, la scelta giusta.|Chiama subito {n} {n} {n}!",
}


def talk_sentence(rng: np.random.Generator, language: str) -> str:
    """One sentence of a programme."""
    return _sentence(rng, _TALK, language, shortest=5, longest=16)


def spot_sentence(rng: np.random.Generator, language: str, brand: str) -> str:
    """One short sentence of a spot; about half of them name the brand."""
    sentence = _sentence(rng, _SPOT, language, shortest=2, longest=8)
    return f"{brand}. {sentence}" if rng.random() < 0.3 else sentence


def made_up_word(rng: np.random.Generator) -> str:
    """A word of two to four open syllables."""
    onsets = _ONSETS.split()
    return "".join(rng.choice(onsets) + rng.choice(_VOWELS) for _ in range(rng.integers(2, 5)))


def _sentence(rng: np.random.Generator, grammar: dict[str, str], language: str, shortest: int, longest: int) -> str:
    known = grammar.get(language.partition("-")[0])
    if known is not None and rng.random() < 0.7:
        template = str(rng.choice(known.split("|")))
        return template.replace("{n}", str(rng.integers(2, 99))).replace("{w}", made_up_word(rng))
    words = [made_up_word(rng) for _ in range(rng.integers(shortest, longest + 1))]
    return " ".join(words) + str(rng.choice([".", ".", "?", "!", ","]))
