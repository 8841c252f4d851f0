// A serial port of the browser (Web Serial) as a line: bytes that are waited for no longer than a time, and an end by the user.

const WRITE = 10_000; // milliseconds until a write must be taken

export const GONE = "the board's port is gone: check the cable, plug the board in, and write it again";

/** What nobody answers. */
export class Silence extends Error {}

/** Returns a promise that is settled after a time. */
export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export class Line {
  /** signal: of an AbortController, whose reason is the error of what is stopped. patience: by which waits are multiplied. */
  constructor(port, signal, patience = 1) {
    Object.assign(this, { port, signal, patience, received: [], closing: false, gone: false });
    this.wake = () => {};
    signal.addEventListener("abort", () => this.wake());
  }

  async open(baudRate) {
    this.signal.throwIfAborted();
    try {
      await this.port.open({ baudRate, bufferSize: 1 << 16 });
    } catch (error) {
      throw new Error(`the port can't be opened (${error.message}): close the serial monitor and other programs that use it, or plug the board in again`);
    }
    this.listening = this.listen();
  }

  async close() {
    this.closing = true;
    await this.reader?.cancel().catch(() => {});
    await this.listening;
    await this.port.close().catch(() => {}); // of a board that is gone
  }

  /** Receives, until the port is closed or gone. A byte that was garbled ends a stream; the port then has another. */
  async listen() {
    while (this.port.readable && !this.closing) {
      this.reader = this.port.readable.getReader();
      try {
        for (let read = await this.reader.read(); !read.done; read = await this.reader.read()) {
          this.received.push(...read.value);
          this.wake();
        }
      } catch {
        // told by what comes next: another stream, or none
      } finally {
        this.reader.releaseLock();
      }
    }
    this.gone = !this.closing;
    this.wake();
  }

  /** Forgets what was received. */
  forget() {
    this.received = [];
  }

  /** Returns when to give up what begins now. */
  deadline(milliseconds) {
    return performance.now() + this.patience * milliseconds;
  }

  /** Returns the next byte. Throws Silence if none comes before the deadline. */
  async byte(deadline) {
    while (this.received.length === 0) {
      this.check();
      const left = deadline - performance.now();
      if (left <= 0) throw new Silence("the board fell silent: check the cable, and write it again");
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.check();
    return this.received.shift();
  }

  /** Sends bytes. drained: returns when they have left this computer, so that what follows is a packet of its own. */
  async write(bytes, drained = false) {
    this.check();
    const writer = this.port.writable?.getWriter();
    if (!writer) throw new Error(GONE);
    const timer = setTimeout(() => writer.abort().catch(() => {}), this.patience * WRITE);
    const stop = () => writer.abort().catch(() => {});
    this.signal.addEventListener("abort", stop);
    try {
      await writer.write(bytes);
      if (drained) await writer.close();
    } catch {
      this.signal.throwIfAborted();
      throw new Error(GONE);
    } finally {
      clearTimeout(timer);
      this.signal.removeEventListener("abort", stop);
      writer.releaseLock();
    }
  }

  /** Sets the lines DTR and RTS. */
  async signals(dataTerminalReady, requestToSend) {
    this.check();
    await this.port.setSignals({ dataTerminalReady, requestToSend }).catch(() => {
      throw new Error(GONE);
    });
  }

  check() {
    this.signal.throwIfAborted();
    if (this.gone) throw new Error(GONE);
  }
}
