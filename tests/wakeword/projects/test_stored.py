"""JSON files of a project that anybody may have written are read as what answers can carry."""

from __future__ import annotations

import pytest

from wakeword.projects.stored import stored_object


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_a_number_that_no_answer_can_carry_is_null(number: str) -> None:
    assert stored_object(f'{{"a": [{number}, 1.5, -3]}}') == {"a": [None, 1.5, -3]}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "3", "NaN", '"x"', '{"a": "\\ud800"}', '{"\\udc00": 1}', '{"a": ' + "9" * 5000 + "}", "[" * 100_000],
)
def test_what_is_no_object_of_whole_characters_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        stored_object(text)
