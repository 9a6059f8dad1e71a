"""Reads a table of a run (`…/equity?format=arrow`) with pyarrow: read_arrow.py FILE"""

import sys

import pyarrow

with pyarrow.memory_map(sys.argv[1]) as source:
    table = pyarrow.ipc.open_file(source).read_all()

print(f"{table.num_rows} rows: {', '.join(table.column_names)}")
first, last = table["time"][0].as_py(), table["time"][-1].as_py()
print(f"from {first:.0f} to {last:.0f}, last equity {table['equity'][-1].as_py():.2f}")
