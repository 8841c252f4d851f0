// SLIP (RFC 1055), which packs the messages of an ESP32's loader.

const [END, ESCAPE, ESCAPED_END, ESCAPED_ESCAPE] = [0xc0, 0xdb, 0xdc, 0xdd];

/** Returns a message as it is sent. */
export function packed(message) {
  const bytes = [END];
  for (const byte of message) {
    if (byte === END) bytes.push(ESCAPE, ESCAPED_END);
    else if (byte === ESCAPE) bytes.push(ESCAPE, ESCAPED_ESCAPE);
    else bytes.push(byte);
  }
  bytes.push(END);
  return Uint8Array.from(bytes);
}

/** Returns the next message, whatever came before it. next: returns a promise of a byte. */
export async function unpack(next) {
  const bytes = [];
  for (;;) {
    let byte = await next();
    if (byte === END) {
      if (bytes.length) return Uint8Array.from(bytes);
      continue;
    }
    if (byte === ESCAPE) {
      byte = await next();
      byte = { [ESCAPED_END]: END, [ESCAPED_ESCAPE]: ESCAPE }[byte] ?? byte;
    }
    bytes.push(byte);
  }
}
