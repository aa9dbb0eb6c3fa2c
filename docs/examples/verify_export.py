"""Verifies an export of the audit log with nothing but Python and, for the signatures, `cryptography`.

    python verify_export.py export.jsonl [checkpoints.jsonl audit.pub]

It shares no code with Tillhand: whoever doubts the program that wrote the record need not trust the one that checks it.
"""

import hashlib
import json
import sys


def canonical(value):
    """RFC 8785, for what records hold: no numbers but integers beyond the data, which keeps its own text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def text_of(line):
    """The record's own text: the bytes of `data` in the envelope, as they were hashed."""
    return line[line.index(',"data":') + len(',"data":') : -1] if '"specversion"' in line else line


def verify(lines, checkpoints):
    """The number of records, and what is wrong."""
    faults, previous, expected, hashes = [], None, 1, {}
    for line in map(text_of, lines):
        record = json.loads(line)
        number, own = record["sequence"], record["hash"]
        if previous is None:
            previous = hashlib.sha256(f"tillhand:{record['tenant']}".encode()).hexdigest()
        cut = line.rindex(f',"hash":"{own}"')
        if hashlib.sha256((line[:cut] + line[cut + len(f',"hash":"{own}"') :]).encode()).hexdigest() != own:
            faults.append(f"{number}: changed")
        if number != expected:
            faults.append(f"{expected}: missing or out of order")
        if record["previous"] != previous:
            faults.append(f"{number}: does not follow the record before it")
        previous, expected, hashes[number] = own, number + 1, own
    for each in checkpoints:
        if hashes.get(each["sequence"]) != each["hash"]:
            faults.append(f"{each['sequence']}: a signed checkpoint says otherwise, or the record ends before it")
    return len(hashes), faults


def signed(checkpoints, keys):
    """The checkpoints whose signature is good; others end the program."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    end = "-----END PUBLIC KEY-----\n"
    public = [load_pem_public_key((part + end).encode()) for part in keys.split(end)[:-1]]
    for each in checkpoints:
        said = canonical({name: value for name, value in each.items() if name != "signature"})
        if not any(holds(key, bytes.fromhex(each["signature"]), said) for key in public):
            sys.exit(f"checkpoint {each['sequence']}: the signature is not good")
    return checkpoints


def holds(key, signature, said):
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(signature, said)
    except InvalidSignature:
        return False
    return True


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = file.read().splitlines()
    points = []
    if len(sys.argv) > 3:
        with open(sys.argv[2], encoding="utf-8") as file, open(sys.argv[3], encoding="ascii") as keys:
            points = signed([json.loads(line) for line in file if line.strip()], keys.read())
    count, wrong = verify(lines, points)
    print("\n".join(wrong) or f"{count} records hold, {len(points)} signed checkpoints agree")
    sys.exit(1 if wrong else 0)
