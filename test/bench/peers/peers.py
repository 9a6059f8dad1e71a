"""Plays the strategy of the peers' bench once with the peer of its first argument: peers.py PEER CANDLES PARAMS; prints a report as JSON.

CANDLES holds six columns of float64 (time in ms, open, high, low, close, volume) behind each other. Candles are read and brought into
the form that the peer takes, and its averages are left to the indicator that it comes with, computed once for all bars.
"""

import datetime
import json
import sys
import time
from importlib.metadata import version

import numpy as np
import pandas as pd


def read_frame(path: str) -> pd.DataFrame:
    columns = np.fromfile(path).reshape(6, -1)
    index = pd.to_datetime(columns[0].astype("int64"), unit="ms")
    return pd.DataFrame(dict(zip(["Open", "High", "Low", "Close", "Volume"], columns[1:])), index=index)


def clocked(run) -> float:
    """CPU time of the process in one run, in ms."""
    start = time.process_time()
    run()
    return (time.process_time() - start) * 1000


def play_backtrader(frame: pd.DataFrame, params: dict) -> dict:
    import backtrader as bt

    trades = []

    class Cross(bt.Strategy):
        def __init__(self):
            self.fast = bt.ind.SMA(period=params["fast"])
            self.slow = bt.ind.SMA(period=params["slow"])

        def next(self):
            if self.position.size == 0:
                if self.fast[0] > self.slow[0] * (1 + params["band"]):
                    self.buy(size=params["size"])
            elif self.fast[0] < self.slow[0] * (1 - params["band"]):
                self.close()

        def notify_order(self, order):
            if order.status != bt.Order.Completed:
                return
            moment = bt.num2date(order.executed.dt).replace(tzinfo=datetime.timezone.utc)
            fill = (round(moment.timestamp()) * 1000, order.executed.price)
            if order.isbuy():
                trades.append(fill)
            else:
                trades[-1] += fill

    cerebro = bt.Cerebro(stdstats=False)
    cerebro.broker.setcash(params["cash"])
    cerebro.adddata(bt.feeds.PandasData(dataname=frame))
    cerebro.addstrategy(Cross)
    cpu_ms = clocked(cerebro.run)
    closed = [[entry, leave, bought, sold] for entry, bought, leave, sold in (one for one in trades if len(one) == 4)]
    return dict(cpuMs=cpu_ms, trades=closed)


def play_backtesting(frame: pd.DataFrame, params: dict) -> dict:
    from backtesting import Backtest, Strategy

    def average(values, length):
        return pd.Series(values).rolling(length).mean()

    class Cross(Strategy):
        def init(self):
            self.fast = self.I(average, self.data.Close, params["fast"])
            self.slow = self.I(average, self.data.Close, params["slow"])

        def next(self):
            if not self.position:
                if self.fast[-1] > self.slow[-1] * (1 + params["band"]):
                    self.buy(size=params["size"])
            elif self.fast[-1] < self.slow[-1] * (1 - params["band"]):
                self.position.close()

    test = Backtest(frame, Cross, cash=params["cash"])
    kept = {}
    cpu_ms = clocked(lambda: kept.update(stats=test.run()))
    times = frame.index.as_unit("ms").asi8
    trades = [
        [int(times[one.EntryBar]), int(times[one.ExitBar]), one.EntryPrice, one.ExitPrice]
        for one in kept["stats"]._trades.itertuples()
    ]
    return dict(cpuMs=cpu_ms, trades=trades)


PEERS = {"backtrader": play_backtrader, "backtesting": play_backtesting}

if __name__ == "__main__":
    peer, path, params = sys.argv[1:]
    report = PEERS[peer](read_frame(path), json.loads(params))
    used = {name: version(name) for name in (peer, "numpy", "pandas")}
    json.dump(dict(report, versions=dict(used, python=sys.version.split()[0])), sys.stdout)
