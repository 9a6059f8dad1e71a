"""Plays the scenarios with backtrader and writes outputs/backtrader (see README.md)."""

import datetime

import backtrader as bt
import pandas as pd

from common import breakout, crossing, write_results


def to_ms(number: float) -> int:
    """backtrader's float days, exact to far less than a second."""
    epoch = datetime.datetime(1970, 1, 1)
    return round((bt.num2date(number) - epoch).total_seconds()) * 1000


class Recorded(bt.Strategy):
    """Writes down every executed order and every closed trade."""

    params = dict(p={})

    def __init__(self):
        self.fills, self.closed, self.refused = [], [], 0
        self.live, self.children = {}, {}

    def notify_order(self, order):
        symbol = order.data._name
        if order.status == bt.Order.Completed:
            bit = order.executed
            self.fills.append(
                dict(symbol=symbol, time=to_ms(bit.dt), side="buy" if order.isbuy() else "sell",
                     quantity=abs(bit.size), price=bit.price, fee=bit.comm)
            )
            self.filled(order)
        elif order.status == bt.Order.Margin:
            self.refused += 1
        # Told of copies
        if order.ref == self.live.get(symbol) and not order.alive():
            del self.live[symbol]

    def filled(self, order):
        pass

    def notify_trade(self, trade):
        if not trade.isclosed:
            return
        quantity = max(abs(step.status.size) for step in trade.history)
        self.closed.append(
            dict(symbol=trade.data._name, direction="long" if trade.long else "short",
                 entryTime=to_ms(trade.dtopen), exitTime=to_ms(trade.dtclose), quantity=quantity,
                 entryPrice=trade.price, gross=trade.pnl, fees=trade.commission, net=trade.pnlcomm)
        )

    def closes(self, data):
        return data.close.get(size=len(data))

    def is_busy(self, data):
        return self.getposition(data).size != 0 or data._name in self.live


class Cross(Recorded):
    def next(self):
        p = self.p.p
        sign = 1 if p["direction"] == "long" else -1
        datas = sorted(self.datas, key=lambda data: data._name)
        signals = []
        for data in datas:
            index = len(data) - 1
            if index >= p["slow"]:
                signals.append((data, sign * crossing(self.closes(data), index, p["fast"], p["slow"])))
        # Exits before entries, as cash that they free is to be used
        for data, signal in signals:
            if signal < 0 and self.getposition(data).size != 0:
                self.close(data)
        for data, signal in signals:
            if signal > 0 and self.getposition(data).size == 0:
                size = p["notional"] / data.close[0] if p.get("notional") else p["size"]
                self.buy(data, size=size) if sign > 0 else self.sell(data, size=size)


class Bracket(Recorded):
    """Market entries with the bracket orders of backtrader; the trailing stop is sent when the entry has filled."""

    def filled(self, order):
        p = self.p.p
        if not p.get("trail") or order.exectype != bt.Order.Market or order.info.get("leaving"):
            return
        # From the better of the price of the entry and the close of its bar
        close = order.data.close[0]
        send, best = (self.sell, max) if order.isbuy() else (self.buy, min)
        self.trailing = send(order.data, size=abs(order.executed.size), exectype=bt.Order.StopTrail,
                             price=best(order.executed.price, close), trailamount=p["trail"])

    def next(self):
        p = self.p.p
        sign = 1 if p["direction"] == "long" else -1
        for data in self.datas:
            index = len(data) - 1
            if index < max(p["length"], p.get("exit", 0)):
                continue
            closes = self.closes(data)
            if breakout(closes, index, p["length"]) == sign:
                if p.get("add") or not self.is_busy(data):
                    self.enter(data, sign)
            elif p.get("exit") and breakout(closes, index, p["exit"]) == -sign and self.getposition(data).size != 0:
                for child in self.children.pop(data._name, ()):
                    self.cancel(child)
                self.close(data, leaving=True)

    def enter(self, data, sign):
        p, price = self.p.p, data.close[0]
        send = self.buy_bracket if sign > 0 else self.sell_bracket
        stop, limit = p.get("stopLoss"), p.get("takeProfit")
        orders = send(
            data=data, size=p["size"], exectype=bt.Order.Market,
            stopprice=price * (1 - sign * stop) if stop else None,
            stopexec=bt.Order.Stop if stop else None,
            limitprice=price * (1 + sign * limit) if limit else None,
            limitexec=bt.Order.Limit if limit else None,
        )
        self.live[data._name] = orders[0].ref
        self.children[data._name] = [child for child in orders[1:] if child is not None]


class Resting(Recorded):
    TYPES = dict(limit=bt.Order.Limit, stop=bt.Order.Stop, stop_limit=bt.Order.StopLimit)

    def next(self):
        p, data = self.p.p, self.data
        index = len(data) - 1
        if index < 1 or index % p["every"] != 0 or self.is_busy(data):
            return
        sign = 1 if p["direction"] == "long" else -1
        close = data.close[0]
        entry = close * (1 - sign * p["offset"])
        beyond = close * (1 - sign * (p["offset"] - p["limit"])) if p["type"] == "stop_limit" else None
        bar = datetime.timedelta(milliseconds=p["barMs"])
        send = self.buy_bracket if sign > 0 else self.sell_bracket
        # Children would inherit the expiry of the entry
        orders = send(
            data=data, size=p["size"], exectype=self.TYPES[p["type"]], price=entry, plimit=beyond,
            oargs=dict(valid=data.datetime.datetime(0) + p["bars"] * bar),
            stopprice=entry * (1 - sign * p["stopLoss"]), limitprice=entry * (1 + sign * p["takeProfit"]),
        )
        self.live[data._name] = orders[0].ref


class Ladder(Recorded):
    def next(self):
        p, data = self.p.p, self.data
        index = len(data) - 1
        bar = index % p["every"]
        if index < 1:
            return
        if bar == p["every"] - 3 and self.position.size != 0:
            self.close()
        if bar <= 1:
            valid = data.datetime.datetime(0) + (p["every"] - 5) * datetime.timedelta(milliseconds=p["barMs"])
            price = data.close[0] * (1 - (1 + 2 * bar) * p["offset"])
            self.buy(size=p["size"], exectype=bt.Order.Limit, price=price, valid=valid)


class Percent(bt.CommInfoBase):

    params = dict(stocklike=True, commtype=bt.CommInfoBase.COMM_PERC, percabs=True)


class PerUnit(bt.CommInfoBase):
    params = dict(stocklike=True, commtype=bt.CommInfoBase.COMM_FIXED)


STRATEGIES = {"cross.ts": Cross, "bracket.ts": Bracket, "resting.ts": Resting, "ladder.ts": Ladder}


def play(scenario: dict, candles: dict) -> dict:
    config = scenario["config"]
    cerebro = bt.Cerebro(stdstats=False, tradehistory=True)
    for symbol in sorted(candles):
        frame = pd.DataFrame(candles[symbol], columns=["time", "open", "high", "low", "close", "volume"])
        frame.index = pd.to_datetime(frame.pop("time"), unit="ms")
        cerebro.adddata(bt.feeds.PandasData(dataname=frame), name=symbol)
    broker = cerebro.broker
    broker.set_cash(config["initialCash"])
    fee = config.get("fee", {"builtin": "zero"})
    if fee["builtin"] == "percent":
        broker.addcommissioninfo(Percent(commission=fee["params"]["taker"]))
    elif fee["builtin"] == "perUnit":
        broker.addcommissioninfo(PerUnit(commission=fee["params"]["amount"]))
    if config.get("slippage"):
        broker.set_slippage_perc(config["slippage"] / 10000, slip_open=True)
    cerebro.addstrategy(STRATEGIES[scenario["strategy"]], p={**scenario["params"], **scenario.get("peer", {})})
    (run,) = cerebro.run()
    closed = sorted(run.closed, key=lambda trade: (trade["exitTime"], trade["symbol"]))
    return dict(fills=run.fills, trades=closed, refused=run.refused, finalEquity=broker.getvalue())


if __name__ == "__main__":
    write_results("backtrader", "backtrader-runs.py", play)
