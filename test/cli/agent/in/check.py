#!/usr/bin/env python3
"""The last entry of the ledger, its signature checked by ssh-keygen."""
import base64
import glob
import json
import subprocess

tile = open(max(glob.glob("data/ledger/public/tile/entries/000.p/*"),
                key=lambda path: int(path.rsplit("/", 1)[1])), "rb").read()
entries = []
while tile:
    size = int.from_bytes(tile[:2], "big")
    entries.append(json.loads(tile[2:2 + size]))
    tile = tile[2 + size:]
entry = entries[-1]
signed = {name: entry[name] for name in entry if name not in ("n", "at", "sig")}
with open("entry.sig", "w") as out:
    out.write("-----BEGIN SSH SIGNATURE-----\n" + entry["sig"]["sshsig"] +
              "\n-----END SSH SIGNATURE-----\n")
with open("signers", "w") as out:
    out.write('person/ann namespaces="attest" ' + open("ann_key.pub").read())
subprocess.run(["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", "person/ann", "-n", "attest",
                "-s", "entry.sig"], check=True,
               input=json.dumps(signed, separators=(",", ":"), sort_keys=True,
                                ensure_ascii=False).encode())
