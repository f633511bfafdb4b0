"""Houses that were sold: d/m/yyyy, hundreds of suburbs and agents, an address for each, gaps in what is measured."""

from datetime import date, timedelta

import numpy as np

from function_code.training.table import Array
from tests.support.standins.standin import StandIn, blanked, popularity

SEED = 3
SUBURBS, AGENTS, STREETS = 310, 260, 4000
NOISE = 0.17  # standard deviation of a price's logarithm
FIRST_DAY, WEEKS = date(2016, 1, 30), 80  # sold on Saturdays
CENTRE = (-37.81, 144.96)
REGIONS = ("Southern", "Eastern", "Northern", "Western")
TYPES = {"h": 0.69, "u": 0.22, "t": 0.09}
TYPE_EFFECT = {"h": 0.0, "u": -0.42, "t": -0.14}
METHODS = {"S": 0.66, "SP": 0.13, "PI": 0.12, "VB": 0.085, "SA": 0.005}
SYLLABLES = (
    "ab",
    "bots",
    "ford",
    "wood",
    "box",
    "hill",
    "bright",
    "on",
    "kew",
    "rich",
    "mond",
    "park",
    "ville",
    "dale",
)


def housing(count: int, seed: int = SEED) -> StandIn:
    """Sales in the order of the suburbs' names."""
    draw = np.random.default_rng(seed)
    suburbs = _suburbs(draw)
    suburb = np.sort(draw.choice(SUBURBS, count, p=popularity(SUBURBS, 0.5)))
    agent = draw.choice(AGENTS, count, p=popularity(AGENTS, 1.2))
    kind, method = (draw.choice(list(shares), count, p=list(shares.values())) for shares in (TYPES, METHODS))
    rooms = np.clip(draw.poisson(np.where(kind == "h", 2.2, 1.0)) + 1, 1, 8)
    baths = np.clip(np.round(rooms * 0.5 + draw.normal(0, 0.5, count)), 1, 6)
    parking = np.clip(draw.poisson(1.6, count), 0, 8)
    land = np.where(kind == "u", 0, np.round(np.exp(draw.normal(6.2, 0.45, count))))
    area = np.round(35 * rooms + 18 * baths + draw.normal(0, 15, count)).clip(25)
    built = np.clip(np.round(2017 - draw.gamma(2.0, 25, count), -1), 1850, 2017)
    week = draw.integers(0, WEEKS, count)
    logarithm = suburbs["effect"][suburb] + np.array([TYPE_EFFECT[each] for each in kind])
    logarithm += 0.17 * rooms + 0.10 * baths + 0.03 * parking + 0.05 * np.log1p(land) + 0.0012 * area
    logarithm += 0.0016 * (1975 - built).clip(0) + 0.005 * week + np.where(method == "VB", -0.05, 0.0)
    price = np.round(np.exp(logarithm + draw.normal(0, NOISE, count)), -3)
    north = suburbs["north"][suburb] + draw.normal(0, 0.006, count)
    east = suburbs["east"][suburb] + draw.normal(0, 0.006, count)
    agents = [f"{_word(draw)}{index % 7 or ''}" for index in range(AGENTS)]
    streets = [f"{_word(draw)} {ending}" for ending in draw.choice(["St", "Rd", "Av", "Ct"], STREETS)]
    numbers = draw.integers(1, 250, count)
    days = [FIRST_DAY + timedelta(7 * int(each)) for each in week]
    columns = {
        "Suburb": suburbs["name"][suburb].tolist(),
        "Address": [
            f"{number} {streets[street]}"
            for number, street in zip(numbers, draw.integers(0, STREETS, count), strict=True)
        ],
        "Rooms": [str(value) for value in rooms],
        "Type": kind.tolist(),
        "Price": [f"{value:.1f}" for value in price],
        "Method": method.tolist(),
        "SellerG": [agents[each] for each in agent],
        "Date": [f"{day.day}/{day.month:02}/{day.year}" for day in days],
        "Distance": [f"{value:.1f}" for value in suburbs["distance"][suburb]],
        "Postcode": [f"{3000 + value}.0" for value in suburb // 2],
        "Bathroom": [f"{value:.1f}" for value in baths],
        "Car": blanked([f"{value:.1f}" for value in parking], draw.random(count) < 0.005),
        "Landsize": [f"{value:.1f}" for value in land],
        "BuildingArea": blanked([f"{value:.1f}" for value in area], draw.random(count) < 0.47),
        "YearBuilt": blanked([f"{value:.1f}" for value in built], draw.random(count) < 0.39),
        "CouncilArea": blanked([f"Council {value}" for value in suburbs["council"][suburb]], draw.random(count) < 0.1),
        "Lattitude": [f"{value:.4f}" for value in north],
        "Longtitude": [f"{value:.4f}" for value in east],
        "Regionname": [f"{REGIONS[each]} Metropolitan" for each in suburbs["region"][suburb]],
        "Propertycount": [f"{value}.0" for value in suburbs["properties"][suburb]],
    }
    return StandIn(columns, "Price", np.exp(logarithm + NOISE**2 / 2))


def _suburbs(draw: np.random.Generator) -> dict[str, Array]:
    """Dearer near the centre and in the south-east, with a level of their own."""
    distance, angle = draw.gamma(3.0, 3.6, SUBURBS), draw.uniform(0, 2 * np.pi, SUBURBS)
    effect = 13.0 - 0.035 * distance + 0.22 * np.cos(angle + np.pi / 4) + draw.normal(0, 0.12, SUBURBS)
    region = (angle / (np.pi / 2)).astype(int) % len(REGIONS)
    return {
        "name": np.array(sorted(f"{_word(draw)} {_word(draw)}" for _ in range(SUBURBS))),
        "distance": np.round(distance, 1),
        "north": CENTRE[0] + distance * np.sin(angle) / 111,
        "east": CENTRE[1] + distance * np.cos(angle) / 88,
        "region": region,
        "council": 8 * region + np.clip(distance // 4, 0, 7).astype(int),
        "effect": effect,
        "properties": draw.integers(200, 21000, SUBURBS),
    }


def _word(draw: np.random.Generator) -> str:
    return "".join(draw.choice(SYLLABLES, 2)).title()
