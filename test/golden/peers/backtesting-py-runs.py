"""Plays the scenarios with backtesting.py and writes outputs/backtesting-py (see README.md)."""

import warnings

import pandas as pd
from backtesting import Backtest, Strategy

from common import breakout, crossing, write_results


class Recorded(Strategy):
    p: dict = {}

    def init(self):
        self.born = {}

    @property
    def index(self):
        return len(self.data) - 1

    def is_busy(self):
        return len(self.trades) > 0 or any(not order.is_contingent for order in self.orders)

    def enter(self, sign, **prices):
        size = self.p["size"]
        return self.buy(size=size, **prices) if sign > 0 else self.sell(size=size, **prices)


class Cross(Recorded):
    def next(self):
        p = self.p
        if self.index < p["slow"]:
            return
        sign = 1 if p["direction"] == "long" else -1
        signal = sign * crossing(self.data.Close, self.index, p["fast"], p["slow"])
        if signal < 0 and self.position:
            self.position.close()
        elif signal > 0 and not self.position:
            self.enter(sign)


class Bracket(Recorded):
    def next(self):
        p, index = self.p, self.index
        sign = 1 if p["direction"] == "long" else -1
        self.follow(sign)
        if index < max(p["length"], p.get("exit", 0)):
            return
        closes = self.data.Close
        price = closes[-1]
        if breakout(closes, index, p["length"]) == sign:
            if p.get("add") or not self.is_busy():
                self.enter(
                    sign,
                    sl=price * (1 - sign * p["stopLoss"]) if p.get("stopLoss") else None,
                    tp=price * (1 + sign * p["takeProfit"]) if p.get("takeProfit") else None,
                )
        elif p.get("exit") and breakout(closes, index, p["exit"]) == -sign and self.position:
            self.position.close()

    def follow(self, sign):
        """The stop of a trade behind its best price so far, never back."""
        if not self.p.get("trail"):
            return
        best = self.data.High[-1] if sign > 0 else self.data.Low[-1]
        for trade in self.trades:
            level = (max if sign > 0 else min)(best, trade.entry_price) - sign * self.p["trail"]
            if trade.sl is None or sign * level > sign * trade.sl:
                trade.sl = level


class Resting(Recorded):
    def next(self):
        p, index = self.p, self.index
        for order in list(self.orders):
            if not order.is_contingent and index >= self.born[order] + p["bars"]:
                order.cancel()
        if index % p["every"] != 0 or self.is_busy():
            return
        sign = 1 if p["direction"] == "long" else -1
        close = self.data.Close[-1]
        entry = close * (1 - sign * p["offset"])
        beyond = close * (1 - sign * (p["offset"] - p.get("limit", 0)))
        prices = dict(limit=dict(limit=entry), stop=dict(stop=entry), stop_limit=dict(stop=entry, limit=beyond))
        order = self.enter(
            sign, sl=entry * (1 - sign * p["stopLoss"]), tp=entry * (1 + sign * p["takeProfit"]), **prices[p["type"]]
        )
        self.born[order] = index


class Ladder(Recorded):
    def next(self):
        p, index = self.p, self.index
        for order in list(self.orders):
            if not order.is_contingent and index >= self.born[order] + p["every"] - 5:
                order.cancel()
        bar = index % p["every"]
        if bar == p["every"] - 3:
            self.position.close()
        if bar <= 1:
            order = self.enter(1, limit=self.data.Close[-1] * (1 - (1 + 2 * bar) * p["offset"]))
            self.born[order] = index


STRATEGIES = {"cross.ts": Cross, "bracket.ts": Bracket, "resting.ts": Resting, "ladder.ts": Ladder}


def commission_of(fee: dict):
    if fee["builtin"] == "percent":
        return fee["params"]["taker"]
    if fee["builtin"] == "perUnit":
        return lambda size, price: abs(size) * fee["params"]["amount"]
    return 0.0


def play(scenario: dict, candles: dict) -> dict:
    config = scenario["config"]
    ((symbol, rows),) = candles.items()
    frame = pd.DataFrame(rows, columns=["Time", "Open", "High", "Low", "Close", "Volume"])
    times = [row[0] for row in rows]
    frame.index = pd.to_datetime(frame.pop("Time"), unit="ms")
    strategy = type("Run", (STRATEGIES[scenario["strategy"]],), {"p": {**scenario["params"], **scenario.get("peer", {})}})
    commission = commission_of(config.get("fee", {"builtin": "zero"}))
    test = Backtest(frame, strategy, cash=config["initialCash"], commission=commission,
                    spread=config.get("slippage", 0) / 10000)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        stats = test.run()
    ran = stats._strategy
    refused = sum("insufficient margin" in str(one.message) for one in seen)

    def fee_of(size, price):
        return ran._broker._commission(size, price)

    fills, closed = [], []
    for trade in [*ran._broker.closed_trades, *ran._broker.trades]:
        side = "buy" if trade.is_long else "sell"
        entry = dict(symbol=symbol, time=times[trade.entry_bar], side=side, quantity=abs(trade.size),
                     price=trade.entry_price, fee=fee_of(trade.size, trade.entry_price))
        fills.append(entry)
        if trade.exit_bar is None:
            continue
        fills.append(dict(entry, time=times[trade.exit_bar], side="sell" if trade.is_long else "buy",
                          price=trade.exit_price, fee=fee_of(trade.size, trade.exit_price)))
        closed.append(
            dict(symbol=symbol, direction="long" if trade.is_long else "short", entryTime=times[trade.entry_bar],
                 exitTime=times[trade.exit_bar], quantity=abs(trade.size), entryPrice=trade.entry_price,
                 gross=trade.size * (trade.exit_price - trade.entry_price), fees=trade._commissions, net=trade.pl)
        )
    closed.sort(key=lambda trade: (trade["exitTime"], trade["entryTime"]))
    plain = lambda rows: [{key: getattr(value, "item", lambda v=value: v)() for key, value in row.items()} for row in rows]
    return dict(fills=plain(sorted(fills, key=lambda fill: fill["time"])), trades=plain(closed), refused=refused,
                finalEquity=float(stats["Equity Final [$]"]))


if __name__ == "__main__":
    write_results("backtesting.py", "backtesting-py-runs.py", play)
