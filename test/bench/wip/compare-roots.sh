#!/bin/bash
# cmp.sh ROUNDS root:mode ...
N=$1; shift
rm -f /tmp/speed/res.$$; 
for i in $(seq $N); do for s in "$@"; do echo "$s $(nice -n 5 /work/main/node_modules/.bin/node --no-node-snapshot --max-semi-space-size=16 /tmp/speed/one.ts ${s%%:*} ${s##*:} 2>/dev/null)" >> /tmp/speed/res.$$; done; done
python3 - /tmp/speed/res.$$ <<'P'
import sys,json,statistics as st
d={}
for l in open(sys.argv[1]):
    k,j=l.split(' ',1); 
    try: j=json.loads(j)
    except Exception: print('bad',k); continue
    d.setdefault(k,[]).append(j)
for k,v in d.items():
    print(k,{x:(round(st.median(r[x] for r in v),2),round(min(r[x] for r in v),2)) for x in v[0]})
P
