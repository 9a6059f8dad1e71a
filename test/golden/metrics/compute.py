"""Metrics of 48 made-up runs by the formulas of docs/metrics.md, written apart from the engine: sums are exact (math.fsum),
the distribution is the standard library's. Writes computed.json beside itself; the test makes the same runs.
"""
import hashlib, json, math, pathlib, statistics, struct, sys

E0, A = 10000.0, 365
M = 0xFFFFFFFF


class Lcg:
    def __init__(self, seed): self.x = seed
    def next(self):
        self.x = (self.x * 1664525 + 1013904223) & M
        return self.x / 4294967296


def walk(seed, days, size):
    u, e, out = Lcg(seed), E0, []
    for _ in range(days):
        e = e * (1 + (u.next() - 0.48) * size)
        out.append(e)
    return out


def trades_of(seed, count):
    u = Lcg(seed)
    return [(u.next() - 0.45) * 500 for _ in range(count)]


def mean(x): return math.fsum(x) / len(x)
def sd(x):
    m = mean(x)
    return math.sqrt(math.fsum((v - m) ** 2 for v in x) / (len(x) - 1))
def returns(e): return [b / a - 1 for a, b in zip([E0] + e, e)]
def falls(points):
    peak, out = points[0], []
    for v in points:
        peak = max(peak, v)
        out.append(v / peak - 1)
    return out


def stream(seed, label):
    s = list(struct.unpack('>4I', hashlib.sha256(f'{seed}/{label}'.encode()).digest()[:16]))
    rotl = lambda x, k: ((x << k) | (x >> (32 - k))) & M
    def word():
        r = (rotl((s[1] * 5) & M, 7) * 9) & M
        t = (s[1] << 9) & M
        s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]
        s[2] ^= t; s[3] = rotl(s[3], 11)
        return r
    return lambda: ((word() >> 5) * 67108864 + (word() >> 6)) / 9007199254740992


def quantile(v, p):
    at = (len(v) - 1) * p
    k = math.floor(at)
    return v[k] + (v[min(k + 1, len(v) - 1)] - v[k]) * (at - k)


def intervals(r, excess, u):
    n, length = len(r), 1
    while length ** 3 < n: length += 1
    sharpes, totals = [], []
    for _ in range(1000):
        rows = []
        while len(rows) < n:
            start = math.floor(u() * (n - length + 1))
            rows += range(start, start + length)
        rows = rows[:n]
        x = [excess[i] for i in rows]
        sharpes.append(mean(x) / sd(x) * math.sqrt(A))
        totals.append(math.prod(1 + r[i] for i in rows) - 1)
    sharpes.sort(); totals.sort()
    return [quantile(sharpes, .05), quantile(sharpes, .95), quantile(totals, .05), quantile(totals, .95)]


def metrics(e, b, net, rf, seed):
    r, q, n = returns(e), returns(b), len(e)
    per = (1 + rf) ** (1 / A) - 1
    x = [v - per for v in r]
    years = n / 365
    cagr = (e[-1] / E0) ** (1 / years) - 1
    dd = falls([E0] + e)
    mdd = min(dd)
    sharpe = mean(r) / sd(r)
    m = mean(r)
    m2, m3, m4 = (math.fsum((v - m) ** k for v in r) / n for k in (2, 3, 4))
    skew, kurt = m3 / m2 ** 1.5, m4 / m2 ** 2
    root = 1 - skew * sharpe + (kurt - 1) / 4 * sharpe ** 2
    mq = mean(q)
    beta = math.fsum((a - m) * (c - mq) for a, c in zip(r, q)) / math.fsum((c - mq) ** 2 for c in q)
    active = [a - c for a, c in zip(r, q)]
    wins, losses = [v for v in net if v > 0], [v for v in net if v < 0]
    payoff = mean(wins) / abs(mean(losses))
    w = len(wins) / len(net)
    low, high, tlow, thigh = intervals(r, x, stream(seed, 'bootstrap/v1')) if n >= 60 else [None] * 4
    return {
        'total_return': e[-1] / E0 - 1,
        'cagr': cagr,
        'volatility': sd(r) * math.sqrt(A),
        'sharpe': mean(x) / sd(x) * math.sqrt(A),
        'sortino': mean(x) / math.sqrt(math.fsum(min(v, 0) ** 2 for v in x) / n) * math.sqrt(A),
        'max_drawdown': mdd,
        'calmar': cagr / abs(mdd),
        'ulcer': math.sqrt(math.fsum(v * v for v in dd) / (n + 1)),
        'omega': math.fsum(v for v in r if v > 0) / -math.fsum(v for v in r if v < 0),
        'psr': statistics.NormalDist().cdf(sharpe * math.sqrt(n - 1) / math.sqrt(root)),
        'relative_return': e[-1] / E0 - b[-1] / E0,
        'alpha': (1 + mean([v - per - beta * (c - per) for v, c in zip(r, q)])) ** A - 1,
        'beta': beta,
        'correlation': statistics.correlation(r, q),
        'tracking_error': sd(active) * math.sqrt(A),
        'information_ratio': mean(active) / sd(active) * math.sqrt(A),
        'sharpe_ci_low': low,
        'sharpe_ci_high': high,
        'total_return_ci_low': tlow,
        'total_return_ci_high': thigh,
        'win_rate': w,
        'profit_factor': math.fsum(wins) / abs(math.fsum(losses)),
        'payoff': payoff,
        'expectancy': mean(net),
        'sqn': math.sqrt(len(net)) * mean(net) / sd(net),
        'kelly': w - (1 - w) / payoff,
    }


runs = []
for seed in range(48):
    days = (30, 45, 60, 90, 249, 365)[seed % 6]
    size = (0.004, 0.03, 0.09)[seed % 3]
    rf = (0, 0.02)[seed % 2]
    run = {'seed': seed, 'days': days, 'size': size, 'rf': rf, 'trades': 12 + seed}
    e, b, net = walk(3 * seed + 1, days, size), walk(3 * seed + 2, days, 0.05), trades_of(3 * seed + 3, 12 + seed)
    runs.append({**run, 'metrics': metrics(e, b, net, rf, str(seed))})
out = {'python': sys.version.split()[0], 'script': 'compute.py', 'runs': runs}
pathlib.Path(__file__).with_name('computed.json').write_text(json.dumps(out, indent=1) + '\n')
