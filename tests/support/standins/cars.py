"""Used cars: thousands of names that begin with the brand, units in the cells, torques in four ways, skewed prices."""

import numpy as np

from function_code.training.table import Array
from tests.support.standins.standin import StandIn, blanked, popularity

SEED = 1
NOISE = 0.13  # standard deviation of a price's logarithm
LAST_YEAR = 2020
REPEATED_SHARE, BLANK_SHARE = 0.1, 0.027
# The logarithms of a new car's price, engine in CC and power in bhp, of a brand's middle model.
BRANDS = {
    "Marula": (13.1, 1150, 74), "Hyuga": (13.3, 1250, 82), "Tarka": (13.2, 1400, 80), "Mahika": (13.7, 2100, 110),
    "Toyen": (14.0, 2200, 120), "Hanto": (13.6, 1400, 98), "Forda": (13.5, 1450, 95), "Renalt": (13.4, 1300, 88),
    "Chevel": (13.2, 1300, 80), "Volkar": (13.6, 1350, 100), "Datso": (12.9, 1000, 66), "Skolar": (13.9, 1700, 125),
    "Auden": (15.0, 2000, 185), "Bavaria": (15.2, 2050, 195), "Stern-Benz": (15.2, 2150, 180),
}  # fmt: skip
SYLLABLES = ("al", "to", "ci", "ve", "ra", "no", "xen", "du", "swi", "po", "ki", "za", "ber", "lo", "gra")
TRIMS = (
    "LX",
    "LXI",
    "VXI",
    "VDI",
    "ZXI",
    "ZDI Plus",
    "SX Option",
    "Titanium",
    "Sportz 1.2",
    "Asta Dual Tone",
    "W8 (O)",
)
EMISSIONS = ("", " BSIII", " BS IV", " BSIV", " 2015-2017")
FUELS = {"Diesel": 0.54, "Petrol": 0.44, "CNG": 0.012, "LPG": 0.008}
OWNERS = {"First Owner": 0.65, "Second Owner": 0.26, "Third Owner": 0.07, "Fourth & Above Owner": 0.02}
OWNER_EFFECT = {"First Owner": 0.0, "Second Owner": -0.08, "Third Owner": -0.16, "Fourth & Above Owner": -0.25}


def cars(count: int, seed: int = SEED) -> StandIn:
    """Cars that are offered, some of them twice; every effect is one of the columns."""
    draw = np.random.default_rng(seed)
    models = _models(draw)
    model = draw.choice(len(models["name"]), count, p=popularity(len(models["name"]), 0.8))
    trim = (3 * model + draw.integers(0, 5, count)) % len(TRIMS)  # of each model five
    age = np.clip(draw.gamma(3.0, 2.2, count).astype(int), 0, 26)
    driven = np.round(np.exp(draw.normal(9.2, 0.45, count)) * (0.6 + age) / 1000 + 1) * 1000
    fuel, owner = _chosen(draw, FUELS, count), _chosen(draw, OWNERS, count)
    is_automatic = draw.random(count) < np.where(models["price"][model] > 14.3, 0.7, 0.08)
    is_dealer = draw.random(count) < 0.14
    logarithm = models["price"][model] + 0.045 * (trim - 5) - models["decay"][model] * age - 0.0012 * driven / 1000
    logarithm += np.where(fuel == "Diesel", 0.12, 0.0) + 0.12 * is_automatic + 0.08 * is_dealer
    logarithm += np.array([OWNER_EFFECT[text] for text in owner])
    price = np.round(np.exp(logarithm + draw.normal(0, NOISE, count)), -3)
    engine = models["engine"][model] + np.where(fuel == "Diesel", 150, 0)
    power = np.round(models["power"][model] * (1 + 0.01 * (trim - 5)), 2)
    mileage = np.round(32 - engine / 140 + 3 * (fuel == "Diesel"), 2)
    blank = draw.random(count) < BLANK_SHARE  # of what is measured, all at once
    names = [
        f"{models['name'][m]} {TRIMS[t]}{EMISSIONS[min(a // 6, 4)]}" for m, t, a in zip(model, trim, age, strict=True)
    ]
    units = np.where(np.isin(fuel, ["CNG", "LPG"]), "km/kg", "kmpl")
    columns = {
        "name": names,
        "year": [str(LAST_YEAR - years) for years in age],
        "selling_price": [f"{value:.0f}" for value in price],
        "km_driven": [f"{value:.0f}" for value in driven],
        "fuel": fuel.tolist(),
        "seller_type": np.where(is_dealer, "Dealer", "Individual").tolist(),
        "transmission": np.where(is_automatic, "Automatic", "Manual").tolist(),
        "owner": owner.tolist(),
        "mileage": blanked([f"{value} {unit}" for value, unit in zip(mileage, units, strict=True)], blank),
        "engine": blanked([f"{value:.0f} CC" for value in engine], blank),
        "max_power": blanked([f"{value:g} bhp" for value in power], blank),
        "torque": blanked(_torques(draw, power), blank),
        "seats": blanked([str(value) for value in models["seats"][model]], blank),
    }
    return _with_repetitions(draw, columns, np.exp(logarithm + NOISE**2 / 2))


def _models(draw: np.random.Generator) -> dict[str, Array]:
    """Models of each brand, the popular brands' first."""
    names, price, engine, power = [], [], [], []
    for brand, (middle, size, strength) in BRANDS.items():
        for _ in range(14):
            factor = draw.normal(0, 0.25)
            names.append(f"{brand} {''.join(draw.choice(SYLLABLES, draw.integers(2, 4))).title()}")
            price.append(middle + factor + draw.normal(0, 0.12))
            engine.append(round(size * (1 + 0.5 * factor)))
            power.append(strength * (1 + 0.9 * factor))
    order = np.argsort(np.arange(len(names)) + draw.normal(0, 25, len(names)))
    columns = {"name": names, "price": price, "engine": engine, "power": power}
    ordered = {key: np.array(values)[order] for key, values in columns.items()}
    decay, seats = draw.normal(0.11, 0.015, len(names)), draw.choice([5, 5, 5, 5, 7, 8], len(names))
    return {**ordered, "decay": decay, "seats": seats}


def _torques(draw: np.random.Generator, power: Array) -> list[str]:
    texts = []
    for strength, way, speed in zip(
        power * 1.9, draw.integers(0, 4, len(power)), 250 * draw.integers(6, 18, len(power)), strict=True
    ):
        ways = (
            f"{strength:.0f}Nm@ {speed}rpm",
            f"{strength:.1f}nm@ {speed}-{speed + 1000}rpm",
            f"{strength / 9.81:.1f} kgm at {speed}-{speed + 750}rpm",
            f"{strength / 9.81:.1f}@ {speed:,}(kgm@ rpm)",
        )
        texts.append(ways[way])
    return texts


def _chosen(draw: np.random.Generator, shares: dict[str, float], count: int) -> Array:
    return draw.choice(list(shares), count, p=list(shares.values()))


def _with_repetitions(draw: np.random.Generator, columns: dict[str, list[str]], expected: Array) -> StandIn:
    rows = np.arange(len(expected))
    repeated = draw.random(len(rows)) < REPEATED_SHARE
    rows[repeated] = draw.integers(0, len(rows), int(repeated.sum()))
    taken = {name: [texts[row] for row in rows] for name, texts in columns.items()}
    return StandIn(taken, "selling_price", expected[rows])
