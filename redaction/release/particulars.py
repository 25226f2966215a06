"""What a cited exemption has to be told before a letter may cite it: which statute, which harm. Pure.

Some grounds of the law name nothing by themselves ("another statute forbids it"). A decision that cites one
says the rest in the decider's words, and they are kept with the decision.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from requests_app.law.pack import Exemption

LONGEST = 500  # characters of one answer

QUESTIONS = {
    "statute": "Which law forbids it? Name it with its section.",
    "harm": "What harm would follow from giving it out? Do not say what is withheld.",
    "reasons": "What are the reasons on the facts of this request? Do not say what is withheld.",
    "specific_basis": "What is the specific basis for the delay? Do not say what is withheld.",
    "estimated_date": "By which day do you expect to disclose it?",
}

Answers = Mapping[str, Mapping[str, str]]  # by code of the exemption, then by need


@dataclass(frozen=True)
class Particular:
    """One thing to be said about one cited exemption; ``must``: the decision waits for it."""

    code: str
    citation: str
    need: str
    question: str
    choices: tuple[str, ...]
    must: bool


def wanted(exemptions: Iterable[Exemption], cited: Collection[str]) -> list[Particular]:
    """This will list what has to be said of the exemptions a letter names.

    ``cited`` are the codes that marks cite themselves: their particulars must be given. A ground that only
    follows from a mark's reason may be left without.
    """
    return [
        Particular(
            rule.code,
            rule.citation or "",
            need,
            QUESTIONS.get(need, f"What is the {need.replace('_', ' ')}? Do not say what is withheld."),
            tuple(rule.choices.get(need, ())),
            rule.code in cited,
        )
        for rule in exemptions
        for need in rule.needs
    ]


def faults(asked: Iterable[Particular], answers: Answers) -> list[str]:
    """This will say, one sentence each, which answers are missing, too long or none of the choices."""
    found = []
    for one in asked:
        said = answers.get(one.code, {}).get(one.need, "").strip()
        if not said:
            if one.must:
                found.append(f"{one.code} ({one.citation}) cannot be cited alone. {one.question}")
        elif len(said) > LONGEST:
            found.append(f"What you say about {one.code} is longer than {LONGEST} characters.")
        elif one.choices and said not in one.choices:
            found.append(f"{said!r} is none of the answers the law has for {one.code}.")
    return found


def sentence(rule: Exemption, answers: Answers) -> str:
    """This will give the exemption's sentence for the letter with its particulars in it.

    Empty when the exemption needs none, or when they were left out.
    """
    given = {need: answers.get(rule.code, {}).get(need, "").strip() for need in rule.needs}
    if not given or not all(given.values()):
        return ""
    text = rule.letter_text
    for need, said in given.items():
        text = text.replace("{" + need + "}", said.rstrip("."))
    return text
