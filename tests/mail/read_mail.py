"""read_mail.py RAW DNS WANT - reads a message with Python's email, and checks its signatures with dkimpy."""
import json
import sys
from email import message_from_bytes, policy

import dkim

raw = open(sys.argv[1], "rb").read()
records = json.load(open(sys.argv[2]))
want = json.load(open(sys.argv[3]))
message = message_from_bytes(raw, policy=policy.default)
assert str(message["subject"]) == want["subject"], (str(message["subject"]), want["subject"])
for kind, name in (("plain", "text"), ("html", "html")):
    part = message.get_body((kind,))
    got = part.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")
    assert got == want[name], (name, got, want[name])


def dns(name, timeout=5):
    return records.get(name.decode().rstrip("."), "").encode()


signatures = raw.split(b"\r\nFrom:")[0].count(b"DKIM-Signature:")
assert signatures == 2, signatures
for index in range(signatures):
    assert dkim.DKIM(raw).verify(idx=index, dnsfunc=dns), index
