"""What both peers' scripts share: scenarios, candles, and the file that they write."""

import gzip
import hashlib
import json
import os
import pathlib
import platform
import sys
from importlib.metadata import version

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path(os.environ.get("HOTCELL_TEST_DATA") or HERE / "../../../../shared/data")
LARGEST_EXCERPT = 50 * 1024


def load_candles(name: str, spec: dict) -> tuple[list[tuple], str]:
    """Rows (time, open, high, low, close, volume) and the sha256 of their lines; small excerpts are written beside."""
    with gzip.open(DATA / f"{spec['file']}.csv.gz", "rt") as file:
        header, *lines = file.read().strip().split("\n")
    lines = lines[spec["from"] : spec["from"] + spec["rows"]]
    text = "\n".join([header, *lines]) + "\n"
    excerpt = HERE / "candles" / f"{name}.csv"
    if len(text) <= LARGEST_EXCERPT:
        excerpt.parent.mkdir(exist_ok=True)
        excerpt.write_text(text)
    rows = []
    for line in lines:
        time, *values = line.split(",")
        rows.append((int(time), *map(float, values)))
    return rows, hashlib.sha256(text.encode()).hexdigest()


def highest_before(values, index: int, length: int) -> float:
    return max(values[index - length : index])


def lowest_before(values, index: int, length: int) -> float:
    return min(values[index - length : index])


def average(values, index: int, length: int) -> float:
    total = 0.0
    for i in range(index - length + 1, index + 1):
        total += values[i]
    return total / length


def crossing(close, index: int, fast: int, slow: int) -> int:
    before = average(close, index - 1, fast) - average(close, index - 1, slow)
    now = average(close, index, fast) - average(close, index, slow)
    return 1 if before <= 0 and now > 0 else -1 if before >= 0 and now < 0 else 0


def breakout(close, index: int, length: int) -> int:
    if index < length:
        return 0
    if close[index] > highest_before(close, index, length):
        return 1
    return -1 if close[index] < lowest_before(close, index, length) else 0


def write_results(package: str, script: str, play) -> None:
    """Plays every scenario of the package and writes what came out, with all that is needed to do it again."""
    slug = package.replace(".", "-")
    scenarios = f"{slug}-scenarios.json"
    document = json.loads((HERE / scenarios).read_text())
    candles = {name: load_candles(name, spec) for name, spec in document["candles"].items()}
    made = {
        "package": package,
        "version": version(package.removesuffix(".py")),
        "python": platform.python_version(),
        "libraries": {one: version(one) for one in ("numpy", "pandas")},
        "sha256": {one: hashlib.sha256((HERE / one).read_bytes()).hexdigest() for one in ("common.py", script, scenarios)},
    }
    folder = HERE / "outputs" / slug
    folder.mkdir(parents=True, exist_ok=True)
    for name, scenario in document["scenarios"].items():
        used = {key: candles[key] for key in scenario["candles"]}
        outcome = play(scenario, {document["candles"][key]["symbol"]: rows for key, (rows, _) in used.items()})
        result = {
            **made,
            "candles": {key: sha for key, (_, sha) in used.items()},
            "refused": outcome["refused"],
            "finalEquity": outcome["finalEquity"],
            "fills": table(outcome["fills"]),
            "trades": table(outcome["trades"]),
        }
        (folder / f"{name}.json").write_text(as_text(result))
        print(name, len(outcome["trades"]), "trades", outcome["finalEquity"], file=sys.stderr)


def table(rows: list[dict]) -> dict:
    columns = list(rows[0]) if rows else []
    return {"columns": columns, "rows": [[row[one] for one in columns] for row in rows]}


def as_text(result: dict) -> str:
    """One line a key, and a line for each fill and trade."""
    lines = []
    for key, value in result.items():
        if key in ("fills", "trades"):
            rows = ",\n".join("    " + json.dumps(row) for row in value["rows"])
            value = f'{{\n    "columns": {json.dumps(value["columns"])},\n    "rows": [\n{rows}\n    ]\n  }}'
        else:
            value = json.dumps(value)
        lines.append(f'  "{key}": {value}')
    return "{\n" + ",\n".join(lines) + "\n}\n"
