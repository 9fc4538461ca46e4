"""Hears what a router says on MQTT and checks each message by the AsyncAPI document, with packages of Debian alone:
python3-paho-mqtt, python3-msgpack, python3-jsonschema.

check_live.py PORT PREFIX FORMAT DOCUMENT VERSION: prints a line of JSON for each message, and ends when it has heard one of
each kind, or with status 1 at the first message that the document does not allow.
"""
import json
import sys

import jsonschema
import msgpack
import paho.mqtt.client as mqtt

PORT, PREFIX, FORMAT, DOCUMENT, VERSION = sys.argv[1:]
PROTOCOL = {"5": mqtt.MQTTv5, "3.1.1": mqtt.MQTTv311}[VERSION]
LETTERS = "abcdefghjkmnpqrstvwxyz0123456789"
KINDS = {"usage", "opened", "low", "closed", "online", "offline", "command", "reply"}

with open(DOCUMENT, encoding="utf-8") as file:
    document = json.load(file)
components = document["components"]
heard = set()


def session(packed):
    """The id in 13 octets: see `session_id` in the document."""
    bits = int.from_bytes(packed, "big") >> 4
    return "".join(LETTERS[(bits >> (5 * (19 - i))) & 31] for i in range(20))


def named(row, schema):
    """A record, from its values in the order of `required`."""
    record = dict(zip(schema["required"], row))
    for name, field in schema["properties"].items():
        if field.get("type") == "array" and isinstance(record.get(name), list):
            record[name] = [named(one, field["items"]) for one in record[name]]
    return record


def usage(row, schema):
    """A usage report, whose sessions stand in columns."""
    size = len(schema["required"]) - 1
    ids, *columns = row[size:]
    names = schema["properties"]["sessions"]["items"]["required"]
    sessions = [session(ids[i : i + 13]) for i in range(0, len(ids), 13)]
    rows = [dict(zip(names, values)) for values in zip(sessions, *columns)]
    return {**dict(zip(schema["required"], row[:size])), "sessions": rows}


def read(kind, payload):
    if payload[:1] == b"{":
        return json.loads(payload)
    plain, schema = msgpack.unpackb(payload), components["schemas"][kind]
    if isinstance(plain, dict):
        return plain
    return usage(plain, schema) if kind == "usage" else named(plain, schema)


def say(**line):
    print(json.dumps(line), flush=True)


def on_connect(client, _userdata, _flags, reason, _properties=None):
    if reason != 0:
        sys.exit(f"not connected: {reason}")
    client.subscribe(f"{PREFIX}/#", qos=1)


def on_subscribe(_client, _userdata, _mid, _reasons, _properties=None):
    say(subscribed=True)


def on_message(client, _userdata, message):
    router, kind = message.topic[len(PREFIX) + 1 :].split("/")
    content = read(kind, message.payload)
    fits = jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{kind}", "components": components})
    faults = [fault.message for fault in fits.iter_errors(content)]
    is_json = message.payload[:1] == b"{"
    say(kind=kind, retained=message.retain, json=is_json, content=content, faults=faults)
    if faults or (kind in ("usage", "session", "status") and is_json != (FORMAT == "json")):
        sys.exit(f"{message.topic}: {faults or 'the other format'}")
    heard.add(content["event"] if kind == "session" else content["state"] if kind == "status" else kind)
    # The router has subscribed to its orders before it says that it is there.
    if kind == "status" and content["state"] == "online" and "command" not in heard:
        heard.add("command")
        order = {"command": "status", "idempotency_key": "from-python"}
        packed = json.dumps(order) if FORMAT == "json" else msgpack.packb(order)
        client.publish(f"{PREFIX}/{router}/command", packed, qos=1)
    if heard == KINDS:
        client.disconnect()


client = mqtt.Client("reader", protocol=PROTOCOL)
client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
client.connect("127.0.0.1", int(PORT))
client.loop_forever()
sys.exit(0 if heard == KINDS else f"not heard: {KINDS - heard}")
