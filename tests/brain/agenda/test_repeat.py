"""When something comes again, held against a search day by day."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from itertools import accumulate
from itertools import repeat as again

from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.agenda.repeat import LAST_DAY, Repeat, Unit, following

DAYS_OF_THE_WEEK = st.sets(st.integers(0, 6), min_size=1).map(frozenset)
DAY_OF_A_MONTH = st.integers(1, LAST_DAY).map(lambda day: frozenset((day,)))
REPEATS = (
    st.builds(Repeat, st.just(Unit.DAY), st.integers(1, 10))
    | st.builds(Repeat, st.just(Unit.WEEK), st.integers(1, 4), DAYS_OF_THE_WEEK)
    | st.builds(Repeat, st.just(Unit.MONTH), st.sampled_from([1, 2, 3, 12]), DAY_OF_A_MONTH)
)
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1))


def falls_on(day: date, repeat: Repeat, start: date) -> bool:
    """Whether it comes on ``day``, if it came, or began to count, on ``start``."""
    if repeat.unit is Unit.DAY:
        return (day - start).days % repeat.count == 0
    if repeat.unit is Unit.WEEK:
        weeks = ((day - timedelta(days=day.weekday())) - (start - timedelta(days=start.weekday()))).days // 7
        return weeks % repeat.count == 0 and day.weekday() in repeat.on
    months = 12 * (day.year - start.year) + day.month - start.month
    return months % repeat.count == 0 and day.day == min(*repeat.on, monthrange(day.year, day.month)[1])


@given(MOMENTS, REPEATS, MOMENTS)
def test_it_comes_on_the_first_of_its_days_that_is_later(at: datetime, rule: Repeat, after: datetime) -> None:
    day = max(at, after.replace(hour=0, minute=0)).date() - timedelta(days=1)
    while day < at.date() or datetime.combine(day, at.time()) <= after or not falls_on(day, rule, at.date()):
        day += timedelta(days=1)
    assert following(at, rule, after) == datetime.combine(day, at.time())


@given(MOMENTS, REPEATS)
def test_one_after_the_other_leaves_none_out(at: datetime, rule: Repeat) -> None:
    one_by_one = list(accumulate(again(rule, 6), lambda before, rule: following(before, rule, before), initial=at))[1:]
    in_one_go = [following(at, rule, before) for before in [at, *one_by_one[:-1]]]
    assert one_by_one == in_one_go


def test_a_shorter_month_has_its_last_day_and_the_next_the_whole() -> None:
    rule = Repeat(Unit.MONTH, on=frozenset((31,)))
    at = datetime(2027, 12, 31, 7)
    days = list(accumulate(again(rule, 4), lambda before, rule: following(before, rule, before), initial=at))
    assert [(day.month, day.day) for day in days] == [(12, 31), (1, 31), (2, 29), (3, 31), (4, 30)]
