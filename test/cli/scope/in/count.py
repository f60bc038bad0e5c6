"""The cells of the principles, counted from the exported documents and the criteria's first letters."""
import glob
import json
import sys

import yaml

PREFIX = {'A': 'availability', 'PI': 'processing-integrity', 'C': 'confidentiality', 'P': 'privacy', 'CC': 'security'}
tree = json.load(open(sys.argv[1]))
controls = [yaml.safe_load(open(path)) for path in glob.glob(sys.argv[2] + '/control/*.yaml')]
compared = 0
for line in tree['matrix']:
    if line['by'] != 'principle' or not line['in_scope']:
        continue
    for layer, cell in line['layers'].items():
        served, count = set(), 0
        for control in controls:
            mine = {name for name in control['criteria'] if name.startswith('tsc-2017/')
                    and PREFIX[name.split('/')[1].split('.')[0].rstrip('0123456789')] == line['name']}
            if mine and layer in control.get('layers', []):
                count += 1
                served |= mine
        assert (cell['controls'], cell['criteria']) == (count, len(served)), (line['name'], layer, cell, count)
        compared += 1
print(compared, 'cells, the same;', tree['without_layer'], 'without layer')
