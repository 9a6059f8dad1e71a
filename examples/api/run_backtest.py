"""A run from Python, standard library only.

HOTCELL_URL=http://127.0.0.1:8420 HOTCELL_KEY=hk_… python3 run_backtest.py strategy.ts BTCUSDT 1h
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

URL = os.environ.get("HOTCELL_URL", "http://127.0.0.1:8420")
KEY = os.environ["HOTCELL_KEY"]


def open_request(path, body=None, headers=None, timeout=90):
    request = urllib.request.Request(
        URL + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **(headers or {})},
    )
    return urllib.request.urlopen(request, timeout=timeout)


def submit(config):
    """Waits while the queue is full. The same key for each attempt: however often it is sent, it is one run."""
    key = str(uuid.uuid4())
    while True:
        try:
            with open_request("/v1/backtests", config, {"Idempotency-Key": key}) as answer:
                return json.load(answer)["id"]
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                problem = json.load(error)
                places = "".join(f"\n  at {one['pointer']}: {one['message']}" for one in problem["errors"])
                sys.exit(f"{problem['code']}: {problem['detail']}{places}\n  hint: {problem['hint']}")
            time.sleep(int(error.headers.get("Retry-After", "1")))


def main(file, symbol, interval):
    source = Path(file)
    run = submit(
        {
            "strategy": {"module": source.name},
            "files": {source.name: source.read_text()},
            "symbols": [symbol],
            "interval": interval,
        }
    )
    # The log as it grows; the stream ends with the run
    with open_request(f"/v1/backtests/{run}/logs?follow=true&source=strategy", timeout=3600) as log:
        for line in log:
            entry = json.loads(line)
            print(f"{entry['level']} {entry['text']!r}")
    with open_request(f"/v1/backtests/{run}/result") as answer:
        result = json.load(answer)
    outcome = result["outcome"]
    if outcome["kind"] != "ok":
        sys.exit(f"{outcome['kind']}({outcome['reason']}): {outcome['message']}")
    with open_request(f"/v1/backtests/{run}/trades") as answer:
        trades = json.load(answer)
    print(f"{run}: equity {result['summary']['finalEquity']:.2f}, {len(trades)} trades, {result['fingerprint']}")


main(*sys.argv[1:4])
