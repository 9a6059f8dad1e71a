"""Golden values of the indicators by pandas and numpy, over real daily candles.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy pandas
    /tmp/venv/bin/python test/golden/indicators/make-golden.py BTCUSDT-1d.csv.gz > test/golden/indicators/btcusdt-1d-2024.json

Recursive averages are pandas' own recursion (ewm, adjust=False) over a series whose first value is the stated seed.
"""

import json
import sys

import numpy as np
import pandas as pd

frame = pd.read_csv(sys.argv[1]).iloc[:249].reset_index(drop=True)
open_, high, low, close, volume = (frame[name].astype(float) for name in ["open", "high", "low", "close", "volume"])
time = frame["open_time"].astype("int64")


def seeded(values: pd.Series, period: int, alpha: float) -> pd.Series:
    """Exponential recursion that starts with the mean of the first `period` values that there are."""
    first = values.first_valid_index()
    own = values.loc[first:]
    start = own.iloc[:period].mean()
    tail = pd.concat([pd.Series([start], index=[own.index[period - 1]]), own.iloc[period:]])
    return tail.ewm(alpha=alpha, adjust=False).mean().reindex(values.index)


def ema(values, period):
    return seeded(values, period, 2 / (period + 1))


def wilder(values, period):
    return seeded(values, period, 1 / period)


def wma(values, period):
    weights = np.arange(1, period + 1)
    return values.rolling(period).apply(lambda window: np.dot(window, weights) / weights.sum(), raw=True)


def rsi(values, period):
    change = values.diff().iloc[1:]
    gain = wilder(change.clip(lower=0), period)
    loss = wilder(-change.clip(upper=0), period)
    return (100 - 100 / (1 + gain / loss)).reindex(values.index)


def true_range():
    before = close.shift(1)
    return pd.concat([high - low, (high - before).abs(), (low - before).abs()], axis=1).max(axis=1)


def macd(values, fast, slow, signal):
    line = ema(values, fast) - ema(values, slow)
    smoothed = ema(line, signal)
    return {"macd": line, "signal": smoothed, "histogram": line - smoothed}


def bollinger(values, period, deviations):
    middle = values.rolling(period).mean()
    width = deviations * values.rolling(period).std(ddof=0)
    return {"upper": middle + width, "middle": middle, "lower": middle - width}


def stochastic(period, smooth, signal):
    top, bottom = high.rolling(period).max(), low.rolling(period).min()
    k = (100 * (close - bottom) / (top - bottom)).rolling(smooth).mean()
    return {"k": k, "d": k.rolling(signal).mean()}


def adx(period):
    up, down = high.diff(), -low.diff()
    plus = pd.Series(np.where((up > down) & (up > 0), up, 0.0)).iloc[1:]
    minus = pd.Series(np.where((down > up) & (down > 0), down, 0.0)).iloc[1:]
    spread = wilder(true_range().iloc[1:], period)
    plus_di, minus_di = 100 * wilder(plus, period) / spread, 100 * wilder(minus, period) / spread
    dx = (100 * (plus_di - minus_di).abs() / (plus_di + minus_di)).dropna()
    lines = {"adx": wilder(dx, period), "plusDi": plus_di, "minusDi": minus_di}
    return {name: line.reindex(close.index) for name, line in lines.items()}


def vwap(anchor):
    days = time // 86_400_000
    groups = {"day": days, "week": (days + 3) // 7, "none": days * 0}[anchor]
    typical = (high + low + close) / 3
    return (typical * volume).groupby(groups).cumsum() / volume.groupby(groups).cumsum()


def donchian(period):
    upper, lower = high.rolling(period).max(), low.rolling(period).min()
    return {"upper": upper, "middle": (upper + lower) / 2, "lower": lower}


CASES = [
    ("sma", {"period": 20}, None, close.rolling(20).mean()),
    ("sma", {"period": 7}, "open", open_.rolling(7).mean()),
    ("ema", {"period": 9}, None, ema(close, 9)),
    ("ema", {"period": 21}, "volume", ema(volume, 21)),
    ("wma", {"period": 10}, None, wma(close, 10)),
    ("rsi", {"period": 14}, None, rsi(close, 14)),
    ("macd", {"fast": 12, "slow": 26, "signal": 9}, None, macd(close, 12, 26, 9)),
    ("atr", {"period": 14}, None, wilder(true_range(), 14)),
    ("bollinger", {"period": 20, "deviations": 2}, None, bollinger(close, 20, 2)),
    ("stochastic", {"period": 14, "smooth": 3, "signal": 3}, None, stochastic(14, 3, 3)),
    ("adx", {"period": 14}, None, adx(14)),
    ("obv", {}, None, (np.sign(close.diff().fillna(0)) * volume).cumsum()),
    ("vwap", {"anchor": "day"}, None, vwap("day")),
    ("vwap", {"anchor": "week"}, None, vwap("week")),
    ("vwap", {"anchor": "none"}, None, vwap("none")),
    ("donchian", {"period": 20}, None, donchian(20)),
    ("highest", {"period": 10}, "high", high.rolling(10).max()),
    ("lowest", {"period": 10}, "low", low.rolling(10).min()),
    ("stddev", {"period": 20, "ddof": 1}, None, close.rolling(20).std(ddof=1)),
    ("stddev", {"period": 20, "ddof": 0}, None, close.rolling(20).std(ddof=0)),
]


def plain(values):
    return [None if np.isnan(value) else float(value) for value in values]


def outputs(result):
    return {name: plain(line) for name, line in (result if isinstance(result, dict) else {"value": result}).items()}


document = {
    "name": "Indicators over BTCUSDT daily candles of Binance spot, 2024-01-01 to 2024-09-05",
    "source": "imsatoshi/GeneTrader on GitHub (market data of Binance), file BTCUSDT-1d",
    "license": "MIT",
    "script": "test/golden/indicators/make-golden.py",
    "versions": {"python": sys.version.split()[0], "numpy": np.__version__, "pandas": pd.__version__},
    "columns": {name: frame[name].astype(float).tolist() for name in ["open_time", "open", "high", "low", "close", "volume"]},
    "cases": [
        {"kind": kind, "params": params, "source": source, "outputs": outputs(result)}
        for kind, params, source, result in CASES
    ],
}
text = json.dumps(document)
print(text.replace('{"kind"', '\n{"kind"').replace('"columns"', '\n"columns"').replace('"cases"', '\n"cases"'))
