"""More stacks than one, and odd names."""

import json
import random
from pathlib import Path

from tests.support import orders
from tests.support.project import Project, is_alive
from tests.support.tables import csv_bytes, rows


def test_two_stacks_live_side_by_side_one_of_rows_and_one_of_events(project: Project, tmp_path: Path) -> None:
    first = project.outputs()
    events = tmp_path / "orders.csv"
    events.write_bytes(orders.orders_csv())
    try:
        columns = [f"{name.upper()}={column}" for name, column in orders.COLUMNS.items()]
        settings = (f"DATASET={events}", *columns, "BUDGET=1", "MODEL=second")
        assert "make down STACK=other" in project.run("make", "up", "STACK=other", *settings).stdout
        project.stack = "other"
        second = project.outputs()
        assert second["url"] != first["url"]
        project.wait_for_version(second["version"])
        assert project.predict()["model"] == "second"
        orders.check_recommendations(project.ask("POST", "/predict", orders.REQUEST.encode())[1])
        (pid,) = project.servers()

        project.run("make", "down", "STACK=other")
        assert not project.home.exists()
        assert not is_alive(pid)
    finally:
        project.stack = "local"
    assert project.predict()["model"] == "model"
    assert "11 unchanged" in project.run("make", "up").stdout


def test_odd_names_of_files_and_columns(fresh: Project, tmp_path: Path) -> None:
    names = ["Kunde Nr.", 'the "plan"', "Größe, m²", "a.b", "note", "買う?"]
    table = tmp_path / "mes données (1).csv"
    header = ['"' + name.replace('"', '""') + '"' for name in names]
    table.write_bytes(b"\xef\xbb\xbf" + csv_bytes(header, rows(300, customer)))

    fresh.run(
        "make", "up", f"DATASET={table}", "TARGET=買う?", "BUDGET=1", "ID=Kunde Nr.", "DROP=note", "KINDS=a.b=category"
    )
    fresh.wait_for_version(fresh.outputs()["version"])

    described = fresh.ask("GET", "/v1/models/model")[1]
    kinds = {column["name"]: column["kind"] for column in described["schema"]["features"]}
    assert kinds == {'the "plan"': "category", "Größe, m²": "number", "a.b": "category"}
    instance = {"Kunde Nr.": "K1", 'the "plan"': "neu", "Größe, m²": 1.5, "a.b": "3"}
    body = json.dumps({"instances": [instance]}).encode()
    status, content = fresh.ask("POST", "/predict", body)
    assert status == 200, content
    assert content["predictions"][0]["Kunde Nr."] == "K1"
    assert fresh.is_settled()
    fresh.run("make", "down")


def customer(chance: random.Random) -> list[object]:
    size = chance.random()
    plan = chance.choice(["alt", "neu"])
    bought = size + 0.5 * (plan == "neu") + chance.gauss(0, 0.1) > 0.8
    return [f"K{chance.random()}", plan, f"{size:.3f}", chance.randint(1, 4), "?", "ja" if bought else "nein"]
