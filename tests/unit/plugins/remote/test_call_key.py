"""Signatures of calls: what proves a question or an answer, and what a change of keys looks like."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.plugins.remote.call_key import ID, CallKey, Unsigned

OLD, NEW = "an obviously fake key of calls 01", "an obviously fake key of calls 02"
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def key(*keys: str, late: float = 0.0) -> CallKey:
    return CallKey(keys, lambda: NOW + timedelta(seconds=late))


def test_while_a_key_changes_both_sides_believe_both() -> None:
    only_old, both, both_new_first, only_new = key(OLD), key(OLD, NEW), key(NEW, OLD), key(NEW)
    for earlier, later in ((only_old, both), (both, both_new_first), (both_new_first, only_new)):
        later.proven_question(earlier.question(b"q"), b"q")
        earlier.proven_question(later.question(b"q"), b"q")
    with pytest.raises(Unsigned, match="key"):
        only_new.proven_question(only_old.question(b"q"), b"q")


@pytest.mark.parametrize("late", [-60, 0, 60])
def test_a_question_is_believed_for_a_minute_around_its_time(late: float) -> None:
    proof = key(OLD).question(b"q")
    assert key(OLD, late=late).proven_question(proof, b"q") == proof[ID]


@pytest.mark.parametrize("late", [-61, 61])
def test_and_not_a_second_longer(late: float) -> None:
    with pytest.raises(Unsigned, match="clocks"):
        key(OLD, late=late).proven_question(key(OLD).question(b"q"), b"q")


def test_ids_are_remembered_as_long_as_they_would_be_believed_and_no_longer() -> None:
    clock = [NOW]
    receiver = CallKey([OLD], lambda: clock[0])
    proof = key(OLD, late=60).question(b"q")  # from a clock that is a minute ahead
    receiver.proven_question(proof, b"q")
    clock[0] = NOW + timedelta(seconds=119)
    with pytest.raises(Unsigned, match="before"):
        receiver.proven_question(proof, b"q")
    clock[0] = NOW + timedelta(seconds=300)
    receiver.proven_question(key(OLD, late=300).question(b"q"), b"q")
    assert len(receiver._seen) == 1


def test_an_answer_is_no_question_and_answers_one_question_only() -> None:
    one = key(OLD)
    proof = one.question(b"q")
    answer = one.answer(proof[ID], b"a")
    one.proven_answer(proof[ID], answer, b"a")
    for id_, headers, body in (("other", answer, b"a"), (proof[ID], proof, b"q"), (proof[ID], answer, b"b")):
        with pytest.raises(Unsigned):
            one.proven_answer(id_, headers, body)
    with pytest.raises(Unsigned):
        one.proven_question(answer, b"a")
