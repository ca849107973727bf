"""The spread of a vote, and the outcome beside it."""

from ui.content.questions import Number, PossibleAnswer, Question
from ui.membership.votes import RANGES, count_answers, read_correct, write_outcome

CHOICE = Question("Which?", "?", answers=(PossibleAnswer("Faster"), PossibleAnswer("Slower")))
NUMBER = Question("How many?", "?", number=Number("", 5.0, 0.0, 0.0, 100.0, 1.0, "Number"))


def test_answers_are_counted_in_the_question_s_order() -> None:
    assert count_answers(CHOICE, {1.0: 3}) == {"Faster": 0, "Slower": 3}


def test_an_answer_that_is_not_offered_is_left_out() -> None:
    assert count_answers(CHOICE, {7.0: 1, -1.0: 2, 0.5: 1}) == {"Faster": 0, "Slower": 0}
    assert count_answers(NUMBER, {500.0: 1, 5.0: 2}) == {"5": 2}


def test_many_numbers_are_counted_in_ranges() -> None:
    bars = count_answers(NUMBER, {float(value): 1 for value in range(41)})
    assert len(bars) == RANGES
    assert sum(bars.values()) == 41


def test_the_right_answer_is_read_back_from_the_outcome() -> None:
    outcome = write_outcome("Slower", "time: **2 s**", "Because.")
    assert read_correct(outcome) == "Slower"
    assert not read_correct(write_outcome("", "time: **2 s**", ""))
