"""Figures of the comparison of buy-and-hold BTCUSDT and ETHUSDT, 2024, by the formulas of docs/metrics.md.

Python's standard library alone; writes expected.json beside itself.
"""
import hashlib, json, math, pathlib, struct, sys

here = pathlib.Path(__file__).parent
def closes(name):
    data = json.loads((here.parent / 'metrics' / name).read_text())
    first = data['open'][0]
    return [10000.0] + [10000 * c / first for c in data['close']]

def returns(e): return [e[i] / e[i - 1] - 1 for i in range(1, len(e))]
def mean(x):
    s = 0.0
    for v in x: s += v
    return s / len(x)

M = 0xFFFFFFFF
def stream(seed, label):
    s = list(struct.unpack('>4I', hashlib.sha256(f'{seed}/{label}'.encode()).digest()[:16]))
    rotl = lambda x, k: ((x << k) | (x >> (32 - k))) & M
    def word():
        r = (rotl((s[1] * 5) & M, 7) * 9) & M
        t = (s[1] << 9) & M
        s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]
        s[2] ^= t; s[3] = rotl(s[3], 11)
        return r
    def u():
        a, b = word(), word()
        return ((a >> 5) * 67108864 + (b >> 6)) / 9007199254740992
    return u

def quantile(v, p):
    at = (len(v) - 1) * p
    k = math.floor(at)
    return v[k] + (v[min(k + 1, len(v) - 1)] - v[k]) * (at - k)

def interval(d, u):
    n = len(d); L = 1
    while L ** 3 < n: L += 1
    means = []
    for _ in range(1000):
        sample = []
        while len(sample) < n:
            start = math.floor(u() * (n - L + 1))
            sample += d[start:start + L]
        means.append(mean(sample[:n]))
    means.sort()
    return [quantile(means, .05), quantile(means, .95)]

def below(e):
    peak, out = e[0], []
    for v in e:
        peak = max(peak, v)
        out.append(v / peak - 1 < -1e-12)
    return out

a, b = closes('btcusdt-1d-2024.json'), closes('ethusdt-1d-2024.json')
ra, rb = returns(a), returns(b)
ma, mb = mean(ra), mean(rb)
cov = sum((x - ma) * (y - mb) for x, y in zip(ra, rb))
va, vb = sum((x - ma) ** 2 for x in ra), sum((y - mb) ** 2 for y in rb)
fa, fb = below(a), below(b)
d = [x - y for x, y in zip(ra, rb)]
json.dump({
    'python': sys.version.split()[0],
    'correlation': cov / math.sqrt(va * vb),
    'drawdownOverlap': sum(x and y for x, y in zip(fa, fb)) / sum(x or y for x, y in zip(fa, fb)),
    'meanDifference': mean(d),
    'interval': interval(d, stream('42', 'comparison/v1/0/1')),
}, (here / 'expected.json').open('w'), indent=2)
