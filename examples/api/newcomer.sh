#!/usr/bin/env bash
# From nothing to a run over HTTP: start the service, make a key, submit with curl, follow, download trades as CSV, read the
# Arrow file in Python, cancel another run, see both. Needs set-up to have run once (node setup.mjs), curl and node.
#
#   examples/api/newcomer.sh            # works in a new directory under /tmp, which it removes at the end
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
export HOTCELL_DATA_DIR="$work/data"
unset HOTCELL_URL HOTCELL_KEY
cli="$root/orchestrator-service/cli/hotcell.mjs" # where hotcell is installed: plain `hotcell`
hotcell() { node "$cli" "$@"; }
field() { node -e 'let v = JSON.parse(require("fs").readFileSync(0)); for (const k of process.argv.slice(1)) v = v[k]; console.log(v)' "$@"; }
say() { printf '\n== %s\n' "$*"; }

service=
finish() {
  if [ -n "$service" ]; then kill -TERM "$service" 2>/dev/null || true; wait "$service" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT
cd "$work"

say "Candles: 90 days of hourly bars, made up; your own come from a CSV in the same way"
awk 'BEGIN {
  print "open_time,open,high,low,close,volume"
  price = 100
  for (hour = 0; hour < 90 * 24; hour++) {
    next_price = price * (1 + 0.01 * sin(hour / 7) + 0.002 * cos(hour / 3))
    high = (price > next_price ? price : next_price) + 0.5
    low = (price < next_price ? price : next_price) - 0.5
    printf "%d000,%.4f,%.4f,%.4f,%.4f,%d\n", 1704067200 + hour * 3600, price, high, low, next_price, 10 + hour % 5
    price = sprintf("%.4f", next_price) + 0
  }
}' > DEMO-1h.csv
hotcell candles import DEMO-1h.csv

say "The service, on a free port; its log goes to service.log"
node "$cli" serve --port 0 --json > service.json 2> service.log &
service=$!
for _ in $(seq 300); do
  if [ -s service.json ]; then break; fi
  if ! kill -0 "$service" 2>/dev/null; then cat service.log; exit 1; fi
  sleep 0.2
done
url=$(field url < service.json)
echo "$url"

say "A key for a user; the admin key of the first start is in service.log"
key=$(hotcell keys create --owner newcomer 2> /dev/null)
echo "${key:0:6}…"
api() { curl --silent --show-error --fail-with-body --max-time 120 --header "Authorization: Bearer $key" "$@"; }

say "Submit"
cat > submission.json <<'JSON'
{
  "strategy": { "builtin": "SmaCrossover", "params": { "fast": 5, "slow": 20 } },
  "symbols": ["DEMO"],
  "interval": "1h",
  "slippage": 2,
  "options": { "labels": { "desk": "newcomer" } }
}
JSON
run=$(api "$url/v1/backtests" --header 'Content-Type: application/json' --header 'Idempotency-Key: my-first-run' \
  --data @submission.json | field id)
echo "$run"

say "Follow: state, progress and log, until the end"
api --no-buffer "$url/v1/backtests/$run/events" | grep --line-buffered '^event:' | uniq --count

say "The result"
api "$url/v1/backtests/$run/result" > result.json
echo "outcome $(field outcome kind < result.json), final equity $(field summary finalEquity < result.json)"

say "Trades as CSV"
api "$url/v1/backtests/$run/trades?format=csv" > trades.csv
head -n 3 trades.csv
echo "$(($(wc -l < trades.csv) - 1)) trades"

say "Equity as an Arrow file, read in Python"
api "$url/v1/backtests/$run/equity?format=arrow" > equity.arrow
python=$(command -v python3 || true)
why=
if [ -z "$python" ]; then
  why='there is no python3'
elif ! "$python" -c 'import pyarrow' 2>/dev/null; then
  if "$python" -m venv venv 2>pip.log && venv/bin/pip install --quiet --disable-pip-version-check pyarrow 2>>pip.log; then
    python=venv/bin/python
  else
    why="pyarrow cannot be installed: $(tail -n 1 pip.log)"
  fi
fi
if [ -n "$why" ]; then echo "left out: $why"; else "$python" "$root/examples/api/read_arrow.py" equity.arrow; fi

say "Another run, cancelled while it works"
cat > slow.json <<'JSON'
{
  "strategy": { "module": "slow.js" },
  "files": {
    "slow.js": "import { BaseStrategy } from 'hotcell'\nexport default class Slow extends BaseStrategy {\n  decide() { let x = 0; for (let i = 0; i < 3e7; i++) x += i % 7; return x < 0 ? { signal: 'BUY' } : null }\n}\n"
  },
  "symbols": ["DEMO"],
  "interval": "1h"
}
JSON
slow=$(api "$url/v1/backtests" --header 'Content-Type: application/json' --data @slow.json | field id)
for _ in $(seq 300); do
  if [ "$(api "$url/v1/backtests/$slow" | field state)" = running ]; then break; fi
  sleep 0.1
done
api --request POST "$url/v1/backtests/$slow/cancel" > cancelled.json
api --no-buffer "$url/v1/backtests/$slow/events" > events.txt
echo "$slow is $(api "$url/v1/backtests/$slow" | field state)"

say "Both, as the command line on this machine sees them"
hotcell runs

say "Stop: running jobs would have 30 s to end"
kill -TERM "$service"
wait "$service"
service=
echo "done"
