import json

import pytest

from levels.questions.judging import is_right, read_answer
from levels.questions.presenting import correct_answer, present

from .examples import EVERY_KIND, MATCHING, MULTIPLE, ORDERING, SINGLE, TRUE_FALSE, ids_of, question


def test_a_question_is_presented_without_what_is_right():
    presented = present(question(SINGLE, hint="Eiffel", explanation="It is the capital."), "seed")
    assert set(presented) == {"question_id", "kind", "prompt_html", "prompt_text", "choices", "matches", "has_hint"}
    assert presented["prompt_html"] == "<p>What is <em>right</em>?</p>"
    assert presented["prompt_text"] == "What is right?"
    assert presented["has_hint"] is True
    paris = next(choice for choice in presented["choices"] if choice["text"] == "Paris")
    assert paris["html"] == "<em>Paris</em>"


def test_nothing_is_chosen_from_where_an_answer_is_typed():
    presented = present(question(TRUE_FALSE), "seed")
    assert (presented["choices"], presented["matches"]) == ([], [])


def test_a_matching_question_has_its_matches_once_and_those_that_fit_nothing():
    repeated = question(MATCHING, answer=[["cat", "animal"], ["dog", "animal"], ["rose", "plant"]], choices=["stone"])
    presented = present(repeated, "seed")
    assert set(ids_of(presented)) == {"cat", "dog", "rose"}
    assert sorted(choice["text"] for choice in presented["matches"]) == ["animal", "plant", "stone"]


def test_the_same_seed_gives_the_same_order():
    assert present(question(ORDERING), "a") == present(question(ORDERING), "a")


def test_each_seed_shuffles_anew_and_no_order_is_preferred():
    orders = [
        tuple(choice["text"] for choice in present(question(ORDERING), str(seed))["choices"]) for seed in range(600)
    ]
    assert len(set(orders)) == 6
    assert all(60 < orders.count(order) < 140 for order in set(orders))


def test_an_id_follows_from_the_question_and_the_text_not_from_the_place():
    ids = ids_of(present(question(ORDERING), "seed"))
    turned = question(ORDERING, answer=ORDERING["answer"][::-1])
    assert ids_of(present(turned, "other")) == ids
    assert ids_of(present(question(ORDERING, question_id="another"), "seed")) != ids


def test_the_right_answer_has_the_form_of_a_clients_answer():
    ids = ids_of(present(question(ORDERING), "seed"))
    assert correct_answer(question(ORDERING)) == [ids["first"], ids["second"], ids["third"]]
    presented = present(question(MATCHING), "seed")
    lefts, rights = ids_of(presented), ids_of(presented, "matches")
    assert correct_answer(question(MATCHING))[lefts["dog"]] == rights["barks"]
    numbers = ids_of(present(question(MULTIPLE), "seed"))
    assert correct_answer(question(MULTIPLE)) == sorted([numbers["2"], numbers["3"]])


@pytest.mark.parametrize("fields", EVERY_KIND, ids=lambda fields: fields["kind"])
def test_the_right_answer_of_every_kind_is_right_after_a_way_through_json(fields):
    answer = json.loads(json.dumps(correct_answer(question(fields))))
    assert is_right(question(fields), answer)
    assert is_right(question(fields), read_answer(question(fields), answer))
