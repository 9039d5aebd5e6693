"""Page tokens: whatever comes back that was not given out is a 400, never anything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations_hub.errors import BadRequest
from integrations_hub.pagination import page_token, read_page_token

ASKED = {"type": "harbor", "q": None}


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
    st.integers(0, 10**17),
)
def test_a_token_gives_its_position_back(name, id_, moment, number):
    token = page_token([name, id_, moment, number], ASKED)
    assert read_page_token(token, ASKED, str, UUID, datetime, int) == [name, id_, moment, number]


def test_no_token_is_the_first_page():
    assert read_page_token(None, ASKED, str) is None


def test_other_filters_are_refused():
    token = page_token(["a", uuid4()], ASKED)
    with pytest.raises(BadRequest, match="other filters"):
        read_page_token(token, {**ASKED, "type": "gitlab"}, str, UUID)


@given(st.text(max_size=200))
def test_rubbish_is_refused(text):
    with pytest.raises(BadRequest):
        read_page_token(text, ASKED, str, UUID)


@pytest.mark.parametrize("position", [["a\0b", uuid4()], ["a"], ["a", "b"], ["a", uuid4(), 1]])
def test_a_forged_position_is_refused(position):
    with pytest.raises(BadRequest):
        read_page_token(page_token(position, ASKED), ASKED, str, UUID)


@pytest.mark.parametrize("number", ["-1", "9" * 30, "1.5", "٣"])
def test_a_forged_number_is_refused(number):
    with pytest.raises(BadRequest):
        read_page_token(page_token([number], ASKED), ASKED, int)


def test_a_time_is_read_in_utc_so_that_the_database_can_read_it_too():
    half_a_second_east = datetime(2030, 1, 1, tzinfo=timezone(timedelta(seconds=1.5)))
    (moment,) = read_page_token(page_token([half_a_second_east], {}), {}, datetime) or ()
    assert isinstance(moment, datetime)
    assert (moment, moment.tzinfo) == (half_a_second_east, UTC)
    for beyond in ("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"):
        with pytest.raises(BadRequest):
            read_page_token(page_token([beyond], {}), {}, datetime)
