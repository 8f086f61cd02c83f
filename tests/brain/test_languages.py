"""German, French and Spanish: sentences as they are typed and as recognisers write them, and what is said to them."""

from datetime import datetime

import pytest

from assistant.brain.agenda.board import Board
from assistant.brain.agenda.clocks import Clocks
from assistant.brain.brain import AssistantBrain
from assistant.brain.intents import load_sentences
from assistant.brain.language import language_of
from assistant.brain.loading import shipped_skills
from assistant.brain.protocols import Request
from assistant.brain.question import YES
from assistant.brain.skill import Context
from assistant.brain.tokens import language_data
from assistant.session.turn import CancelToken
from tests.brain.conftest import Clock

LANGUAGES = ("de", "fr", "es")


class Talk:
    """A brain without a language model, spoken to in one language."""

    def __init__(self, context: Context, language: str) -> None:
        self._brain = AssistantBrain(context, language=language)
        self._turn = 0

    def ask(self, text: str) -> str:
        self._turn += 1
        return "".join(self._brain.respond(Request(self._turn, text), CancelToken()))


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [
        ("de", "Wie spät ist es?", "Es ist 15 Uhr 20."),
        ("de", "hey computer, kannst du mir sagen wie viel Uhr es ist", "Es ist 15 Uhr 20."),
        ("de", "Wie spät ist es in London?", "In London ist es 15 Uhr 20."),
        ("de", "Welches Datum ist heute?", "Heute ist Freitag, der 20. November 2026."),
        ("de", "Welcher Tag ist morgen?", "Morgen ist Samstag."),
        ("de", "Welcher Tag ist am 3. März?", "Das ist Mittwoch, der 3. März 2027."),
        ("de", "Wie viele Tage noch bis Weihnachten?", "Noch 35 Tage: Freitag, der 25. Dezember."),
        ("de", "Was ist sieben mal sechs?", "7 mal 6 ist 42."),
        ("de", "Wie viel ist 20% von 80?", "20 Prozent von 80 ist 16."),
        ("de", "Was ist zehn durch drei?", "10 geteilt durch 3 ist ungefähr 3,33."),
        ("de", "Wurzel aus 144", "Die Quadratwurzel aus 144 ist 12."),
        ("de", "Was ist fünf durch null?", "Durch null kann man nicht teilen."),
        ("de", "Stopp!", ""),
        ("de", "Vergiss es.", ""),
        ("de", "ja", "Ich habe nichts gefragt."),
        ("fr", "Quelle heure est-il ?", "Il est 15 heures 20."),
        ("fr", "Quel jour sommes-nous ?", "Nous sommes vendredi."),
        ("fr", "Quelle est la date d'aujourd'hui ?", "Nous sommes le vendredi 20 novembre 2026."),
        ("fr", "Quel jour est le premier mai ?", "C'est le samedi 1er mai 2027."),
        ("fr", "Combien de jours avant Noël ?", "35 jours avant le vendredi 25 décembre."),
        ("fr", "Combien font sept fois six ?", "7 fois 6 égale 42."),
        ("fr", "Combien font vingt pour cent de quatre-vingts ?", "20 pour cent de 80 égale 16."),
        ("fr", "un plus un", "1 plus 1 égale 2."),
        ("fr", "Tais-toi !", ""),
        ("fr", "oublie", ""),
        ("es", "¿Qué hora es?", "Son las 15:20."),
        ("es", "¿Qué día es hoy?", "Hoy es viernes."),
        ("es", "¿Cuál es la fecha de hoy?", "Hoy es viernes 20 de noviembre de 2026."),
        ("es", "¿Cuántos días faltan para Navidad?", "Faltan 35 días para el viernes 25 de diciembre."),
        ("es", "¿Cuánto es siete por seis?", "7 por 6 es 42."),
        ("es", "¿Cuánto es el veinte por ciento de ochenta?", "20 por ciento de 80 es 16."),
        ("es", "cancela la petición", ""),
    ],
)
def test_answers(context: Context, language: str, question: str, answer: str) -> None:
    assert Talk(context, language).ask(question) == answer


@pytest.mark.parametrize(
    ("language", "first", "again", "answer"),
    [
        ("de", "weck mich um sechs uhr abends, nein warte", "sieben", "Okay, Wecker heute um 19 Uhr."),
        ("de", "weck mich um sechs uhr abends, nein warte", "um sieben", "Okay, Wecker heute um 19 Uhr."),
        ("de", "weck mich um sechs uhr abends, nein warte", "sieben uhr morgens", "Okay, Wecker morgen um 7 Uhr."),
        ("de", "weck mich um zwei uhr nachmittags, nein warte", "um ein uhr", "Okay, Wecker morgen um 13 Uhr."),
        ("de", "weck mich um sechs, nein warte", "um neunzehn uhr", "Okay, Wecker heute um 19 Uhr."),
        ("fr", "réveille-moi à six heures du soir, non attends", "sept", "D'accord, réveil aujourd'hui à 19 heures."),
        ("fr", "réveille-moi à six heures du soir, non attends", "à 7 h", "D'accord, réveil aujourd'hui à 19 heures."),
        ("es", "despiértame a las seis de la tarde, no espera", "a las siete", "Vale, alarma hoy a las 19 en punto."),
    ],
)
def test_half_of_a_day_that_was_said_stays_when_the_hour_is_corrected(
    context: Context, language: str, first: str, again: str, answer: str
) -> None:
    assert Talk(context, language).ask(f"{first}, {again}") == answer


@pytest.mark.parametrize(
    ("language", "hour", "minute", "answer"),
    [
        ("de", 0, 0, "Es ist Mitternacht."),
        ("de", 9, 0, "Es ist 9 Uhr."),
        ("fr", 1, 5, "Il est 1 heure 05."),
        ("fr", 12, 0, "Il est midi."),
        ("es", 1, 20, "Es la 1:20."),
        ("es", 9, 0, "Son las 9 en punto."),
    ],
)
def test_the_corners_of_the_clock(
    context: Context, clock: Clock, language: str, hour: int, minute: int, answer: str
) -> None:
    clock.wall = datetime(2026, 11, 20, hour, minute, tzinfo=clock.wall.tzinfo)
    question = {"de": "wie spät ist es", "fr": "quelle heure est-il", "es": "qué hora es"}[language]
    assert Talk(context, language).ask(question) == answer


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        ("en", "1 hour and 30 minutes"),
        ("de", "1 Stunde und 30 Minuten"),
        ("fr", "1 heure et 30 minutes"),
        ("es", "1 hora y 30 minutos"),
    ],
)
def test_a_duration_is_told(language: str, spoken: str) -> None:
    assert language_of(language).duration(5400) == spoken


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_a_skill(language: str) -> None:
    known = {skill.intent for skill in shipped_skills()} | {YES}
    assert set(load_sentences(language)["intents"]) <= known


def test_the_languages_answer_the_same_sentences() -> None:
    tables = [language_data(language) for language in LANGUAGES]
    answers = [set(table["answers"]) for table in tables if table]
    assert len(answers) == len(LANGUAGES)
    assert answers[0] == answers[1] == answers[2]


def test_a_language_without_data_is_spoken_to_in_english() -> None:
    assert language_of("xx").say("It's {year}.", year=2026) == "It's 2026."


@pytest.mark.parametrize(
    ("language", "talk"),
    [
        (
            "de",
            [
                ("Stell einen Timer auf zehn Minuten", "Okay, 10 Minuten."),
                ("Wie lange läuft der Timer noch?", "Noch 10 Minuten."),
                ("Stopp den Timer", "Der Timer über 10 Minuten ist gelöscht."),
                ("Setze Milch und Eier auf die Einkaufsliste", "Okay, auf der Liste Einkauf: Milch und Eier."),
                ("Was steht auf meiner Einkaufsliste?", "Auf der Liste Einkauf: Milch und Eier."),
                ("Streiche Milch von der Einkaufsliste", "Okay, von der Liste gestrichen: Milch."),
            ],
        ),
        (
            "fr",
            [
                ("Mets un minuteur de dix minutes", "D'accord, 10 minutes."),
                ("Combien de temps reste-t-il ?", "Il reste 10 minutes."),
                ("Annule le minuteur", "Le minuteur de 10 minutes est annulé."),
                ("Ajoute du lait à ma liste de courses", "D'accord, lait sur la liste courses."),
                ("Qu'y a-t-il sur ma liste de courses ?", "Sur la liste courses : lait."),
            ],
        ),
        (
            "es",
            [
                ("Pon un temporizador de diez minutos", "Vale, 10 minutos."),
                ("¿Cuánto tiempo queda?", "Quedan 10 minutos."),
                ("Cancela el temporizador", "El temporizador de 10 minutos está cancelado."),
                ("Añade leche a la lista de la compra", "Vale, leche en la lista compra."),
                ("¿Qué hay en la lista de la compra?", "En la lista compra: leche."),
            ],
        ),
    ],
)
def test_timers_and_lists(context: Context, language: str, talk: list[tuple[str, str]]) -> None:
    conversation = Talk(context, language)
    assert [conversation.ask(question) for question, _ in talk] == [answer for _, answer in talk]


@pytest.mark.parametrize(
    ("language", "talk"),
    [
        (
            "de",
            [
                ("Weck mich um halb acht", "Okay, Wecker morgen um 7 Uhr 30."),
                ("Stell jeden Montag um Viertel vor sieben einen Wecker", "Okay, Wecker jeden Montag um 6 Uhr 45."),
                ("Lösche den Wecker um halb acht", "Der Wecker morgen um 7 Uhr 30 ist gelöscht."),
                ("Welche Wecker sind gestellt?", "Ein Wecker ist gestellt: jeden Montag um 6 Uhr 45."),
                ("Schlummern", "Es klingelt nichts."),
                (
                    "Wecker um 25 Uhr",
                    "Auf wie viel Uhr? Zum Beispiel: Weck mich um sieben, oder werktags um halb sieben.",
                ),
            ],
        ),
        (
            "fr",
            [
                ("Réveille-moi à sept heures et demie", "D'accord, réveil demain à 7 heures 30."),
                ("Mets un réveil en semaine à 6h15", "D'accord, réveil en semaine à 6 heures 15."),
                ("Annule mon réveil de sept heures et demie", "Le réveil demain à 7 heures 30 est annulé."),
                ("Quelles alarmes sont réglées ?", "Un réveil est réglé : en semaine à 6 heures 15."),
            ],
        ),
        (
            "es",
            [
                ("Despiértame a la una y media", "Vale, alarma mañana a la 1:30."),
                ("Pon una alarma el 24 de diciembre a las siete", "Vale, alarma el 24 de diciembre a las 7 en punto."),
                ("Cancela todas las alarmas", "Las 2 alarmas están canceladas."),
                ("¿Qué alarmas tengo?", "No hay ninguna alarma puesta."),
            ],
        ),
    ],
)
def test_alarms(context: Context, language: str, talk: list[tuple[str, str]]) -> None:
    conversation = Talk(context, language)
    assert [conversation.ask(question) for question, _ in talk] == [answer for _, answer in talk]


@pytest.mark.parametrize(
    ("language", "rings"),
    [
        ("de", "Der Timer über 10 Minuten ist abgelaufen."),
        ("fr", "Le minuteur de 10 minutes est terminé."),
        ("es", "El temporizador de 10 minutos ha terminado."),
    ],
)
def test_a_timer_rings_in_the_language(language: str, rings: str, clock: Clock) -> None:
    board = Board(clocks=Clocks(lambda: clock.wall, lambda: clock.now_s, "test"), language=language_of(language))
    board.add_timer(600)
    clock.now_s += 601
    assert [announcement.text for announcement in board.due()] == [rings]
