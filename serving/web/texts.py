"""What the pages say, in German and English."""

from typing import Literal

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")

TEXTS: dict[str, tuple[str, str]] = {
    "brand": ("Mediathek ML", "Mediathek ML"),
    "skip": ("Zum Inhalt", "Skip to content"),
    "navigation": ("Hauptnavigation", "Main navigation"),
    "footer": (
        "offene Plattform für die Empfehlungen einer Mediathek",
        "open platform for a media library's recommendations",
    ),
    "needs_script": ("Diagramme brauchen JavaScript.", "Plots need JavaScript."),
    "none": ("keine", "none"),
    "empty": ("noch keine Daten", "no data yet"),
    "not_found": ("Diese Seite gibt es nicht", "There is no such page"),
    "not_found_lead": (
        "Vielleicht ist der Bericht schon abgelaufen oder die Adresse vertippt.",
        "Perhaps the report has expired, or the address is mistyped.",
    ),
    # start
    "start": ("Start", "Start"),
    "start_heading": ("Was gerade läuft", "What is running"),
    "start_lead": (
        "Aus Sehprotokollen werden alle vier Stunden Empfehlungen. Hier steht, wie frisch die Daten sind, "
        "welches Modell antwortet und wo man nachsieht.",
        "View logs become recommendations every four hours. This page tells how fresh the data are, which model answers "
        "and where to look.",
    ),
    "state": ("Zustand", "State"),
    "what_runs": ("Nachsehen", "Where to look"),
    "last_runs": ("Letzte Läufe", "Last runs"),
    "stage": ("Stufe", "Stage"),
    "when": ("Wann", "When"),
    "result": ("Ergebnis", "Result"),
    "model": ("Modell im Dienst", "Model in service"),
    "no_model": ("noch kein Modell", "no model yet"),
    "model_note": ("Next-Video, Version in MLflow", "Next-Video, version in MLflow"),
    "no_model_note": (
        "Nächste Folgen werden trotzdem gezeigt.",
        "Next episodes are shown all the same.",
    ),
    "newest_event": ("Jüngstes Ereignis", "Newest event"),
    "events_total": ("{count} Ereignisse gespeichert", "{count} events stored"),
    "videos": ("Videos im Katalog", "Videos in the catalogue"),
    "videos_note": ("davon {count} jetzt abspielbar", "{count} of them playable now"),
    "quarantined": ("In Quarantäne", "In quarantine"),
    "quarantined_note": ("fehlerhafte Zeilen, mit Grund", "bad lines, each with its reason"),
    "answers_today": ("Antworten, 24 Stunden", "Answers, 24 hours"),
    "hidden_share": ("{share} ohne Empfehlung", "{share} without a recommendation"),
    "no_answers_yet": (
        "erscheinen, sobald eine Stunde abgeschlossen ist",
        "appear once an hour is closed",
    ),
    "volume_per_day": ("Sehvolumen je Tag", "Viewing volume per day"),
    "volume_caption": (
        "Gesehene Stunden je Tag und Geräteklasse, alle Zuschauenden zusammen.",
        "Hours watched per day and device class, all viewers together.",
    ),
    "hours": ("Stunden", "hours"),
    "answers": ("Antworten", "answers"),
    "answers_per_hour": ("Antworten je Stunde", "Answers per hour"),
    "answers_caption": (
        "Antworten der Schnittstelle: nächste Folge, reguläre Empfehlung oder ausgeblendet (mit Regel).",
        "Answers of the API: next episode, regular recommendation, or hidden (with the rule).",
    ),
    "case_next-episode": ("nächste Folge", "next episode"),
    "case_regular": ("regulär", "regular"),
    "case_hidden": ("ausgeblendet", "hidden"),
    "airflow_note": ("Arbeitsabläufe: was lief, was läuft", "workflows: what ran, what runs"),
    "mlflow_note": ("Trainingsläufe und Modellversionen", "training runs and model versions"),
    "dbt_docs": ("dbt-Dokumentation", "dbt documentation"),
    "dbt_docs_note": ("jede Tabelle, jede Spalte, ihre Herkunft", "every table, every column, where it comes from"),
    "api": ("Schnittstelle (OpenAPI)", "API (OpenAPI)"),
    "api_note": ("für Entwicklerinnen und Entwickler", "for developers"),
    "run_ingest": ("Daten aufgenommen", "Data taken in"),
    "run_build": ("Tabellen gebaut", "Tables built"),
    "run_train": ("Modell trainiert", "Model trained"),
    "run_quality": ("Daten geprüft", "Data checked"),
    "run_drift": ("Verschiebungen geprüft", "Drift checked"),
    "run_bias": ("Verzerrungen gemessen", "Bias measured"),
    "run_ranking": ("Rangfolge gemessen", "Ranking measured"),
    "run_card": ("Modellkarte", "Model card"),
    "not_yet": ("noch nicht", "not yet"),
    # try-out
    "try_out": ("Ausprobieren", "Try out"),
    "try_heading": ("Next-Video ausprobieren", "Try Next-Video"),
    "try_lead": (
        "Ein Video wählen, wenn gewünscht einen Verlauf dazu: Die Antwort ist dieselbe, die die Mediathek bekäme, mit den "
        "Regeln, nach denen Kandidaten wegfielen.",
        "Pick a video and, if you like, a history: the answer is the one the media library would get, with the rules that "
        "dropped candidates.",
    ),
    "current_video": ("Aktuelles Video", "Current video"),
    "search_title": ("Titel suchen …", "search a title …"),
    "nothing_chosen": ("Noch kein Video gewählt.", "No video chosen yet."),
    "random_video": ("Irgendein Video", "Any video"),
    "device_class": ("Gerät", "Device"),
    "tv": ("Fernseher", "TV"),
    "smartphone": ("Smartphone", "Smartphone"),
    "tablet": ("Tablet", "Tablet"),
    "desktop": ("Computer", "Desktop"),
    "history": ("Schon gesehen", "Already seen"),
    "add_seen": ("Video hinzufügen …", "add a video …"),
    "unit": ("Einheit für Experimente", "Unit for experiments"),
    "unit_hint": ("leer: kein Experiment", "empty: no experiment"),
    "ask": ("Empfehlungen holen", "Get recommendations"),
    "answer": ("Antwort", "Answer"),
    "answer_empty": ("Hier erscheint die Antwort.", "The answer appears here."),
    "dropped_heading": ("Was wegfiel, und nach welcher Regel", "What was dropped, and by which rule"),
    "dropped_lead": (
        "Jeder Kandidat des Modells, der nicht gezeigt werden darf, mit der ersten Regel, die ihn ausschließt.",
        "Every candidate of the model that must not be shown, by the first rule that excludes it.",
    ),
    "none_dropped": ("Nichts fiel weg.", "Nothing was dropped."),
    "raw_answer": ("Antwort im Rohformat (JSON)", "Raw answer (JSON)"),
    "remove": ("Entfernen", "Remove"),
    "failed": ("Das ging nicht:", "That did not work:"),
    "arm": ("Experiment", "experiment"),
    "score": ("Wert", "score"),
    "watch_on": ("Weiterschauen mit diesem Video", "Go on with this video"),
    "examples": ("Beispiele:", "Examples:"),
    "source_sequence": ("passt zum Verlauf", "fits the history"),
    "source_similarity": ("ähnlich zum aktuellen Video", "similar to the current video"),
    "source_next-episode": ("nächste Folge", "next episode"),
    # cards
    "cards": ("Modellkarten", "Model cards"),
    "cards_heading": ("Modellkarten", "Model cards"),
    "cards_lead": (
        "Was ein Algorithmus darf, womit er lernt, wie gut er ist und wo er danebenliegt. Jede Zahl stammt aus dem laufenden "
        "System.",
        "What an algorithm may do, what it learns from, how good it is and where it errs. Every number comes from the running "
        "system.",
    ),
    "use_case_next-video": ("Nächstes Video", "Next video"),
    "use_case_next-episode": ("Nächste Folge", "Next episode"),
    "no_cards": (
        "Noch keine Karte: Sie entsteht mit dem ersten Lauf der Überwachung.",
        "No card yet: it is made by the first monitoring run.",
    ),
    "card_version": ("Fassung", "Version"),
    "read_card": ("Karte lesen", "Read the card"),
    "changes": ("Was sich geändert hat", "What changed"),
    "older_versions": ("Frühere Fassungen", "Earlier versions"),
    "open_alone": ("Allein öffnen und drucken", "Open alone and print"),
    # reports
    "reports": ("Berichte", "Reports"),
    "reports_heading": ("Berichte", "Reports"),
    "reports_lead": (
        "Datenqualität, Verschiebungen, Verzerrungen und Güte der Rangfolge, bei jedem Lauf neu.",
        "Data quality, drift, bias and ranking quality, made anew by each run.",
    ),
    "report_quality": ("Datenqualität", "Data quality"),
    "report_drift": ("Verschiebungen (Drift)", "Drift"),
    "report_bias": ("Verzerrungen (Bias)", "Bias"),
    "report_ranking": ("Rangfolge", "Ranking"),
    "no_reports": ("Noch kein Bericht.", "No report yet."),
    "earlier": ("Frühere Berichte", "Earlier reports"),
    # experiments
    "experiments": ("Experimente", "Experiments"),
    "experiments_lead": (
        "A/B-Tests, gemessen am Sehvolumen. Begonnen und beendet werden sie von Menschen, nie von selbst (NV-T6).",
        "A/B tests measured by viewing volume. People start and stop them, never the machine (NV-T6).",
    ),
    "no_experiments": ("Kein Experiment angelegt.", "No experiment is defined."),
    "no_readout": ("Noch keine Auswertung.", "No read-out yet."),
    "share": ("Anteil", "Share"),
    "hypothesis": ("Vermutung", "Hypothesis"),
    "owner": ("Verantwortlich", "Owner"),
    "arms": ("Arme", "Arms"),
    "period": ("Zeitraum", "Period"),
    # quarantine
    "quarantine": ("Quarantäne", "Quarantine"),
    "quarantine_heading": ("Quarantäne", "Quarantine"),
    "quarantine_lead": (
        "Zeilen, die nicht aufgenommen wurden, mit Grund. Nichts geht verloren: Nach einer Korrektur holt ein Befehl sie nach. "
        "MAC- und IP-Adressen sind unkenntlich gemacht.",
        "Lines that were not taken in, each with its reason. Nothing is lost: after a fix one command takes them in. "
        "MAC and IP addresses are masked.",
    ),
    "reason": ("Grund", "Reason"),
    "count": ("Anzahl", "Count"),
    "field": ("Feld", "Field"),
    "message": ("Meldung", "Message"),
    "place": ("Datei und Zeile", "File and line"),
    "raw": ("Zeile", "Line"),
    "kind": ("Art", "Kind"),
    "quarantine_empty": ("Nichts in Quarantäne.", "Nothing in quarantine."),
    "all_reasons": ("alle", "all"),
    "newer": ("Neuere", "Newer"),
    "older": ("Ältere", "Older"),
    "retry_hint": ("Nach einer Korrektur nachholen:", "To take them in after a fix:"),
    "needs_token": (
        "Einzelne Zeilen stammen von Geräten. Bitte das Zugangstoken eingeben (es steht in der Ausgabe von „make run“).",
        "Single lines come from devices. Please enter the access token (make run prints it).",
    ),
    "token": ("Zugangstoken", "Access token"),
    "sign_in": ("Anmelden", "Sign in"),
    "wrong_token": ("Das Token stimmt nicht.", "That token is not right."),
}


def text(key: str, language: Language, **values: str) -> str:
    """Return a text in a language, with named values put in."""
    return TEXTS[key][LANGUAGES.index(language)].format(**values)
