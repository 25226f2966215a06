"""What the desk's steps say in letters, in each language letters are written in. Pure."""

from collections.abc import Mapping
from datetime import date

from requests_app.correspondence import fields
from requests_app.law import wording

Words = Mapping[str, str]
_CLOCK_EFFECTS = {
    "The clock goes on running.": (
        "Our question and your answer do not change the time limit: the day we gave you stays.",
        "Nuestra pregunta no cambia el plazo: sigue valiendo la fecha que le dimos.",
    ),
    "The clock stops and starts anew when the answer comes.": (
        "The time limit stops now. It starts anew on the day your answer comes.",
        "El plazo se detiene ahora. Empieza de nuevo el día en que llegue su respuesta.",
    ),
    "The clock stops until the answer comes. The law lets it stop only once.": (
        "The time limit stops until your answer comes. The law lets this happen only once.",
        "El plazo se detiene hasta que llegue su respuesta. La ley lo permite una sola vez.",
    ),
    "The clock stops until the answer comes.": (
        "The time limit stops until your answer comes.",
        "El plazo se detiene hasta que llegue su respuesta.",
    ),
}
_UNITS_ES = {"business_day": ("día hábil", "días hábiles"), "calendar_day": ("día natural", "días naturales")}
_RULED = {
    "release": (
        "It says that the records you asked for are open. We get them ready and release them to you.",
        "Dice que los documentos que usted pidió son públicos. Los preparamos y se los entregaremos.",
    ),
    "part": (
        "It says that a part of the records may be withheld and that the rest is open. We get what is open"
        " ready and release it to you. Our decision will name each part that we withhold.",
        "Dice que una parte de los documentos puede retenerse y que el resto es público. Preparamos lo que es"
        " público y se lo entregaremos. Nuestra decisión nombrará cada parte que retengamos.",
    ),
    "withhold": (
        "It says that we may withhold what we asked about. Our decision will name what we withhold and say"
        " how you can go to a court.",
        "Dice que podemos retener aquello por lo que preguntamos. Nuestra decisión nombrará lo que retengamos"
        " y dirá cómo puede usted acudir a un tribunal.",
    ),
}


def ruled_on(number: str) -> Words:
    """This will head the letter that tells of a ruling."""
    return {
        "en": f"The attorney general ruled on your request {number}",
        "es": f"El fiscal general se pronunció sobre su solicitud {number}",
    }


def ruled(outcome: str, number: str, on: date) -> Words:
    """This will tell the requester what the attorney general ruled and what follows from it."""
    english, spanish = _RULED[outcome]
    day, dia = (fields.date_of(on, language) for language in ("en", "es"))
    return {
        "en": f"On {day} the attorney general gave the ruling we had asked for, {number}.\n\n{english}",
        "es": f"El {dia} el fiscal general emitió el dictamen que habíamos pedido, {number}.\n\n{spanish}",
    }


def clock_effect(sentence: str) -> Words:
    """This will say to the requester what the desk's sentence says to staff."""
    english, spanish = _CLOCK_EFFECTS.get(sentence, (sentence, sentence))
    return {"en": english, "es": spanish}


def length(by: int, unit: str) -> Words:
    """This will say how long an extension is."""
    one, more = _UNITS_ES[unit]
    return {"en": wording.days(by, unit), "es": f"{by} {one if by == 1 else more}"}


def reason(text: str) -> str:
    """This will spell a reason as a law lists it (``data_compilation``) as words."""
    plain = text.strip()
    return plain.replace("_", " ").capitalize() if plain.islower() and " " not in plain else plain


def lapsed(asked_on: date | None, until: date | None, citation: str | None) -> Words:
    """This will say that a question stayed without an answer, and what the law makes of it."""
    law = f" ({citation})" if citation else ""
    day = f" on {wording.date_of(asked_on)}" if asked_on else ""
    end = f", which ended on {wording.date_of(until)}" if until else ""
    dia = f" el {asked_on.day}/{asked_on.month}/{asked_on.year}" if asked_on else ""
    fin = f", que terminó el {until.day}/{until.month}/{until.year}" if until else ""
    return {
        "en": f"We asked you something{day} and had no answer within the time the law gives{end}."
        f" The law treats your request as withdrawn{law}.",
        "es": f"Le preguntamos algo{dia} y no recibimos respuesta en el plazo que da la ley{fin}."
        f" La ley da su solicitud por retirada{law}.",
    }
