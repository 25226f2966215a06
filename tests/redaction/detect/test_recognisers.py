"""Personal data in text, by form and by the words beside it."""

import time

import pytest

from redaction.detect import recognisers, vocabulary
from redaction.detect.recognisers import in_text, is_vehicle_number, wanted


def _said(text: str) -> dict[str, str]:
    """The names of what is found, and their values."""
    return {hit.by.name: hit.value for hit in in_text(text)}


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("SSN 123-45-6789.", "ssn", "123-45-6789"),
        ("her social security ends, ending in 6789", "ssn-end", "6789"),
        ("mail m.delgado@example.org now", "email", "m.delgado@example.org"),
        ("DOB: 03/14/1988", "dob", "03/14/1988"),
        ("call (217) 555-0147", "phone", "(217) 555-0147"),
        ("cell 2175550148", "phone-cue", "2175550148"),
        ("card 4111 1111 1111 1111", "card", "4111 1111 1111 1111"),
        ("a car 1HGCM82633A004352 left", "vin", "1HGCM82633A004352"),
        ("VIN# 2233A004352", "vin-cue", "2233A004352"),
        ("plate CA 7ABC123", "plate-cue", "7ABC123"),
        ("tag #ZX 91Q", "plate-cue", "ZX 91Q"),
        ("a white van, KLM4471, drove", "plate", "KLM4471"),
        ("driver's license D1234567", "licence", "D1234567"),
        ("Florida S530-123-45-678-0 is hers", "licence-long", "S530-123-45-678-0"),
        ("he showed B1234567 to us", "licence-short", "B1234567"),
        ("Passport No. X1234567", "passport", "X1234567"),
        ("account number 000123456789", "account", "000123456789"),
        ("IMEI 490154203237518", "device", "490154203237518"),
        ("logged in from 10.0.0.12", "network", "10.0.0.12"),
        ("lives at 1420 W. Main Street Apt 4B", "address", "1420 W. Main Street Apt 4B"),
        ("AT 77 ELM AVE #3", "address", "77 ELM AVE #3"),
        ("12 23rd St", "address", "12 23rd St"),
        ("the 1200 block of Elm St", "address-block", "1200 block of Elm St"),
        ("at 455 Avenue B", "address-avenue", "455 Avenue B"),
        ("P.O. Box 771", "box-number", "P.O. Box 771"),
        ("Springfield, IL 62704", "town", "Springfield, IL 62704"),
        ("seen at 39.78173, -89.65015", "position", "39.78173, -89.65015"),
        ("gate code: 4471#", "code", "4471#"),
        ("the password is: hunter22", "password", "hunter22"),
        ("Case No. 2024-00123", "case", "2024-00123"),
        ("badge #4471", "badge", "4471"),
        ("victim Maria Delgado said", "victim-name", "Maria Delgado"),
        ("Victim's name is Maria de la Cruz.", "victim-name", "Maria de la Cruz"),
        ("VICTIM: DELGADO, MARIA R.", "victim-name", "DELGADO, MARIA R."),
        ("witness John A. Smith stated", "witness-name", "John A. Smith"),
        ("R/P: Lee, Anna", "witness-name", "Lee, Anna"),
        ("informant John Roe", "informant", "John Roe"),
        ("CI #2231 advised", "informant-number", "2231"),
        ("the child Emily was there", "child-name", "Emily"),
        ("her son, age 7, named Jack", "child-name", "Jack"),
        ("suspect Pedro Ruiz fled", "party-name", "Pedro Ruiz"),
        ("Last name: Okafor", "name-field", "Okafor"),
        ("spoke with Mr. Patrick O'Brien", "titled", "Patrick O'Brien"),
        ("a 9-year-old girl", "child-age", "9"),
        ("he is age: 15", "child-aged", "15"),
        ("at Roosevelt Elementary School", "facility", "Roosevelt Elementary School"),
        ("the juvenile ran", "child-words", "juvenile"),
        ("was treated with Narcan", "medical", "Narcan"),
        ("sexually assaulted", "sex-crime", "sexually assaulted"),
        ("a restraining order", "domestic", "restraining order"),
        ("made a controlled buy", "informant-words", "controlled buy"),
        ("wishes to remain anonymous", "witness-words", "wishes to remain anonymous"),
        ("attorney-client", "privilege", "attorney-client"),
        ("the record was expunged", "sealed", "expunged"),
    ],
)
def test_it_finds(text: str, name: str, value: str) -> None:
    assert _said(text).get(name) == value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("he had minor injuries", "child-words"),
        ("a 45-year-old man", "child-age"),
        ("victim advocate Services", "victim-name"),
        ("witness was interviewed", "witness-name"),
        ("card 4111 1111 1111 1112", "card"),
        ("1HGCM82633A004353", "vin"),
        ("IMEI 490154203237519", "device"),
        ("ratio 95.12345, 200.12345", "position"),
        ("plate was bent", "plate-cue"),
    ],
)
def test_it_lets_go(text: str, name: str) -> None:
    assert name not in _said(text)


def test_every_recogniser_that_is_written_down_compiles_and_has_a_known_strength() -> None:
    names = [row.name for row in vocabulary.rows()]

    assert len(names) == len(set(names))
    assert all(0 < by.confidence < 1 for by in recognisers.ALL)
    assert "<" not in "".join(row.expression.replace("(?P<", "") for row in vocabulary.rows())
    list(recognisers.in_cells(["nothing"]))


def test_values_are_found_across_line_breaks_and_hyphens() -> None:
    text = "Victim: Maria\nDelgado, SSN 123-\n45-6789, mail a.b@exam\nple.org, witness Anna Mont-\ngomery"

    found = {hit.value for hit in in_text(text)}

    assert {"Maria Delgado", "123-45-6789", "a.b@example.org", "Anna Montgomery"} <= found


def test_a_name_at_the_end_of_a_line_is_not_run_together_with_the_next() -> None:
    assert [hit.value for hit in in_text("victim Maria Delgado\nand others")] == ["Maria Delgado"]


def test_a_value_that_a_line_break_may_have_lengthened_is_looked_for_alone_too() -> None:
    found = [hit.value for hit in in_text("send it by email\na.b@example.org")]

    assert "a.b@example.org" in found


def test_positions_are_those_of_the_text_as_given() -> None:
    text = "x\n\nVictim:  Maria\n Delgado."

    [hit] = in_text(text)

    assert text[slice(*hit.span)] == "Maria\n Delgado"


def test_of_two_readings_of_the_same_letters_the_surer_counts() -> None:
    assert [hit.by.name for hit in in_text("SSN 123-45-6789")] == ["ssn"]


def test_telling_words_can_be_left_out() -> None:
    text = "The juvenile Emily was in hospital"

    assert [hit.by.name for hit in in_text(text, passages=False)] == ["child-name"]


def test_short_values_are_looked_for_with_the_words_beside_them() -> None:
    short, long = in_text("badge #44, SSN 123-45-6789")

    assert wanted(short) == "badge #44"
    assert wanted(long) == "123-45-6789"


@pytest.mark.parametrize("number", ["1M8GDM9AXKP042788", "1HGCM82633A004352"])
def test_a_vehicle_number_has_its_check_digit(number: str) -> None:
    assert is_vehicle_number(number)
    assert not is_vehicle_number(number[:-1] + ("1" if number[-1] != "1" else "2"))


@pytest.mark.parametrize("number", ["1M8GDM9AXKP04278", "1M8GDM9AXKP04278O", "ABCDEFGHJKLMNPRST"])
def test_what_cannot_be_a_vehicle_number_is_none(number: str) -> None:
    assert not is_vehicle_number(number)


@pytest.mark.parametrize("unit", ["a" * 50, "1 ", "A. ", "(555) ", "victim ", "1 Main ", "a@"])
def test_hostile_text_takes_no_longer_than_its_length(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    began = time.process_time()

    in_text(text)

    assert time.process_time() - began < 5
