// A port of Web Serial as Chromium has it, whose bytes and lines a test answers. For a page and for node.

/** ask: takes a request as an object, and returns a promise of its answer. info: what getInfo returns. */
globalThis.fakePort = (ask, info) => {
  const port = { readable: null, writable: null, getInfo: () => info };
  const lost = () => new DOMException("The device has been lost.", "NetworkError");

  function reads() {
    let over = false;
    return new ReadableStream({
      async pull(controller) {
        while (!over) {
          const { data, gone } = await ask({ do: "read" });
          if (over) return;
          if (gone) {
            port.readable = port.writable = null;
            controller.error(lost());
            return;
          }
          if (data.length) {
            controller.enqueue(Uint8Array.from(data));
            return;
          }
        }
      },
      cancel() {
        over = true;
        if (port.readable) port.readable = reads();
      },
    }, { highWaterMark: 0 });
  }

  function writes() {
    return new WritableStream({
      async write(bytes) {
        if ((await ask({ do: "write", data: [...bytes] })).gone) throw lost();
      },
      close() {
        port.writable = writes();
      },
      abort() {
        port.writable = writes();
      },
    });
  }

  port.open = async ({ baudRate }) => {
    if (port.readable) throw new DOMException("The port is already open.", "InvalidStateError");
    if ((await ask({ do: "open", baudRate })).gone) throw new DOMException("Failed to open serial port.", "NetworkError");
    port.readable = reads();
    port.writable = writes();
  };
  port.close = async () => {
    if (port.readable?.locked || port.writable?.locked) throw new TypeError("Cannot cancel a locked stream");
    port.readable = port.writable = null;
    await ask({ do: "close" });
  };
  port.setSignals = async (signals) => {
    if (!port.readable || (await ask({ do: "signals", ...signals })).gone) throw lost();
  };
  return port;
};
