"""Bicycles rented by the hour: dd/mm/yyyy beside a column of hours, weather, units in a header that is no UTF-8."""

from datetime import date, timedelta

import numpy as np

from function_code.training.table import Array
from tests.support.standins.standin import StandIn

SEED = 2
FIRST_DAY = date(2017, 12, 1)
NOISE = 0.12  # standard deviation of an hour's logarithm
HOLIDAYS, CLOSED_DAYS = 18, 13
SEASONS = {
    12: "Winter",
    1: "Winter",
    2: "Winter",
    3: "Spring",
    4: "Spring",
    5: "Spring",
    6: "Summer",
    7: "Summer",
    8: "Summer",
}
# Logarithms of the rentals at each hour, relative to noon.
WORKDAY = np.array([
    -.5, -.8, -1.2, -1.6, -1.9, -1.8, -.9, .2, .9, .1, -.2, -.1,
    .0, .0, .0, .1, .3, .7, 1.1, .8, .5, .5, .4, .0,
])  # fmt: skip
WEEKEND = np.array([
    -.2, -.4, -.7, -1.1, -1.5, -1.7, -1.5, -1.2, -.8, -.5, -.3, -.1,
    .0, .1, .2, .3, .35, .4, .3, .1, .0, .0, -.1, -.2,
])  # fmt: skip


def rentals(days: int, seed: int = SEED) -> StandIn:
    """The hours of so many days, in order."""
    draw = np.random.default_rng(seed)
    day, hour = np.divmod(np.arange(24 * days), 24)
    dates = [FIRST_DAY + timedelta(int(number)) for number in range(days)]
    is_holiday = np.isin(np.arange(days), draw.choice(days, max(1, HOLIDAYS * days // 365), replace=False))
    is_closed = np.isin(np.arange(days), draw.choice(days, max(1, CLOSED_DAYS * days // 365), replace=False))
    is_free = np.array([each.weekday() >= 5 for each in dates]) | is_holiday
    temperature = _temperature(draw, days, day, hour)
    humidity = np.clip(
        60 + 15 * _wandering(draw, days)[day] - 8 * np.sin((hour - 8) * np.pi / 12) + draw.normal(0, 5, len(day)), 5, 98
    )
    rain = np.where(draw.random(len(day)) < 0.06 * (humidity > 65), np.round(draw.exponential(3, len(day)), 1), 0.0)
    snow = np.where(
        (temperature < -1) & (_wandering(draw, days)[day] > 1), np.round(draw.exponential(2, len(day)), 1), 0.0
    )
    sun = np.round(np.clip(np.sin((hour - 6) * np.pi / 13), 0, None) * np.clip(3.4 - humidity / 40, 0.1, None), 2)
    logarithm = 5.6 + np.where(is_free[day], WEEKEND[hour], WORKDAY[hour]) + _comfort(temperature)
    logarithm += np.where(rain > 0, -1.1, 0.0) + np.where(snow > 0, -0.4, 0.0) - 0.006 * np.clip(humidity - 60, 0, None)
    logarithm += 0.002 * day + 0.06 * _wandering(draw, days)[day]
    expected = np.where(is_closed[day], 0.0, np.exp(logarithm + NOISE**2 / 2))
    count = np.where(is_closed[day], 0, np.round(np.exp(logarithm + draw.normal(0, NOISE, len(day)))))
    dew = temperature - (100 - humidity) / 5
    columns = {
        "Date": [f"{dates[number]:%d/%m/%Y}" for number in day],
        "Rented Bike Count": [f"{value:.0f}" for value in count],
        "Hour": [str(value) for value in hour],
        "Temperature(°C)": _texts(temperature, 1),
        "Humidity(%)": _texts(humidity, 0),
        "Wind speed (m/s)": _texts(draw.gamma(2.8, 0.62, len(day)), 1),
        "Visibility (10m)": _texts(np.clip(draw.normal(2300 - 14 * humidity, 300), 30, 2000), 0),
        "Dew point temperature(°C)": _texts(dew, 1),
        "Solar Radiation (MJ/m2)": _texts(sun, 2),
        "Rainfall(mm)": _texts(rain, 1),
        "Snowfall (cm)": _texts(snow, 1),
        "Seasons": [SEASONS.get(dates[number].month, "Autumn") for number in day],
        "Holiday": ["Holiday" if is_holiday[number] else "No Holiday" for number in day],
        "Functioning Day": ["No" if is_closed[number] else "Yes" for number in day],
    }
    return StandIn(columns, "Rented Bike Count", expected, encoding="cp1252")


def _temperature(draw: np.random.Generator, days: int, day: Array, hour: Array) -> Array:
    season = 13 - 15 * np.cos((day - 45) * 2 * np.pi / 365)
    return np.asarray(season + 3.5 * _wandering(draw, days)[day] + 3.5 * np.sin((hour - 9) * np.pi / 12))


def _wandering(draw: np.random.Generator, days: int) -> Array:
    """A value for each day, of standard deviation 1, that remembers the day before."""
    values = draw.normal(size=days)
    for day in range(1, days):
        values[day] = 0.6 * values[day - 1] + 0.8 * values[day]
    return values


def _comfort(temperature: Array) -> Array:
    return np.asarray(1.3 - ((temperature - 24) / 22) ** 2)


def _texts(values: Array, digits: int) -> list[str]:
    return [f"{value:.{digits}f}" for value in values]
