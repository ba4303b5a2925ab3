# SPDX-License-Identifier: Apache-2.0
"""What a person is to read of a value: RFC 2579 and README.md ("Text"), read once more without any code of the module.

A function that gives None has no text for that value: then it is read as if the MIB said nothing of it."""

import datetime
import ipaddress
import re

#: InetAddressType (RFC 4001): how many octets its addresses have.
INET_OCTETS = {1: 4, 2: 16, 3: 8, 4: 20}
_ZONED = {8: 4, 20: 16}

#: OCTET-FORMAT, without the repeat of "*1x": no shipped fact has one.
_OCTET_FORMAT = re.compile(r"(\d+)([xdoat])([^\d*])?")
_MOST_OCTETS_OF_A_NUMBER = 8
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
_MOST_DIGITS = 32


def is_text(data):
    """UTF-8 without control characters."""
    try:
        return not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", data.decode())
    except UnicodeDecodeError:
        return False


def legible(data):
    """Octets of which nothing is known. Latin-1 and Windows-1252 are sent where they are words only: `Größe`."""
    words = data.rstrip(b"\0")
    if data and not words:
        return None
    if is_text(words):
        return words.decode()
    if any(byte < 32 or byte == 127 for byte in words):
        return None
    return words.decode("cp1252")


# --- DISPLAY-HINT (RFC 2579, 3.1) -------------------------------------------------------------------------------------

def octet_formats(hint):
    """[(length, format, separator)] of a hint for octets; [] if it is none."""
    found, at = [], 0
    while at < len(hint):
        one = _OCTET_FORMAT.match(hint, at)
        if not one:
            return []
        found.append((int(one[1]), one[2], one[3] or ""))
        at = one.end()
    return found if found and found[-1][0] else []


def octets_by_hint(hint, data):
    formats, out, separator = octet_formats(hint), b"", ""
    if not formats:
        return None
    while data:
        length, form, next_separator = formats[0]
        formats = formats[1:] or formats  # the last one is repeated
        piece, data = data[:length], data[length:]
        out += separator.encode()  # so none stands at the end
        separator = next_separator
        if form in "at":
            out += piece
        elif form == "x":
            out += piece.hex().encode()
        elif len(piece) > _MOST_OCTETS_OF_A_NUMBER:
            return None
        elif piece:
            out += f"{int.from_bytes(piece, 'big'):{form}}".encode()
    return out.decode() if is_text(out) else None


def integer_by_hint(hint, value):
    if hint in ("x", "o", "b"):
        return f"{value:{hint}}"
    places = re.fullmatch(r"d(?:-(\d{1,2}))?", hint)
    if not places:
        return None
    count = int(places[1] or 0)
    digits = str(abs(value)).rjust(count + 1, "0")
    return ("-" if value < 0 else "") + (f"{digits[:-count]}.{digits[-count:]}" if count else digits)


# --- textual conventions ----------------------------------------------------------------------------------------------

def date_and_time(data):
    if len(data) not in (8, 11):
        return None
    try:
        moment = datetime.datetime(int.from_bytes(data[:2], "big"), *data[2:7], data[7] * 100_000)
    except ValueError:
        return None
    zone = f"{data[8]:c}{data[9]:02}:{data[10]:02}" if len(data) == 11 else ""
    return moment.isoformat(timespec="milliseconds")[:-2] + zone


def inet_address(kind, data):
    """`kind` is the number of the InetAddressType; None: no type came with it. A length that does not suit it decides itself."""
    if kind is not None and kind not in INET_OCTETS:
        return None
    if len(data) != INET_OCTETS.get(kind):
        is_name = re.fullmatch(rb"[A-Za-z0-9._-]*", data)
        if len(data) != 4 and (is_name or len(data) not in INET_OCTETS.values()):
            return None
    own = _ZONED.get(len(data), len(data))
    address = (ipaddress.IPv4Address if own == 4 else ipaddress.IPv6Address)(data[:own])
    return f"{address}%{int.from_bytes(data[own:], 'big')}" if data[own:] else str(address)


def duration(ticks):
    seconds, hundredths = divmod(ticks, 100)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}d {hours:02}:{minutes:02}:{seconds:02}.{hundredths:02}"


def bits(labels, data):
    """`labels`: {number: label}"""
    numbers = [at * 8 + bit for at, byte in enumerate(data) for bit in range(8) if byte & 0x80 >> bit]
    return ", ".join(f"{labels[number]}({number})" if number in labels else str(number) for number in numbers)


def is_number(text):
    """As people write them: -21.5"""
    return len(text) <= _MOST_DIGITS and bool(_NUMBER.fullmatch(text))


def with_units(text, units):
    """A number and its units; "0.1 V" are a factor."""
    if not units:
        return text
    return f"{text} × {units}" if units[0].isdigit() else f"{text} {units}"
