"""Reads a usage report from standard input with nothing but the standard library, and prints it as JSON."""
import json
import struct
import sys

LETTERS = "abcdefghjkmnpqrstvwxyz0123456789"
COLUMNS = ("up_bytes", "down_bytes", "millis", "total_up_bytes", "total_down_bytes", "total_millis")
NUMBERS = {0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD3: ">q"}
LENGTHS = {0xC4: ">B", 0xC5: ">H", 0xC6: ">I", 0xD9: ">B", 0xDA: ">H", 0xDB: ">I", 0xDC: ">H", 0xDD: ">I"}


def read(data, at=0):
    """One MessagePack value: (value, where the next one begins)."""
    tag, at = data[at], at + 1
    if tag < 0x80:
        return tag, at
    if tag == 0xC0:
        return None, at
    form = NUMBERS.get(tag) or LENGTHS.get(tag)
    count, size = tag & (0x1F if tag >= 0xA0 else 0x0F), 0
    if form:
        (count,), size = struct.unpack_from(form, data, at), struct.calcsize(form)
    if tag in NUMBERS:
        return count, at + size
    at += size
    if 0x90 <= tag < 0xA0 or tag in (0xDC, 0xDD):
        values = []
        for _ in range(count):
            value, at = read(data, at)
            values.append(value)
        return values, at
    raw = data[at : at + count]
    return (raw if tag in (0xC4, 0xC5, 0xC6) else raw.decode()), at + count


def session(packed):
    bits = int.from_bytes(packed, "big") >> 4
    return "".join(LETTERS[(bits >> (5 * (19 - i))) & 31] for i in range(20))


version, router, boot, seq, prev, at, ids, *columns = read(sys.stdin.buffer.read())[0]
rows = [dict(zip(COLUMNS, numbers)) for numbers in zip(*columns)]
for i, row in enumerate(rows):
    row["session"] = session(ids[13 * i : 13 * i + 13])
head = {"version": version, "router": router, "boot": boot, "seq": seq, "prev": prev, "at": at}
print(json.dumps({**head, "sessions": rows}))
