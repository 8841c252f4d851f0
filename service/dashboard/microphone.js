// The microphone of this browser as a stream of the service, at the browser's rate. The service resamples.

import { address, notify } from "./api.js";
import { openMicrophone } from "./sound.js";

const REASONS = {
  4400: "the service didn't understand this browser; reload the page",
  4408: "no sound came from this browser for too long",
  4429: "all streams of the service are in use",
};

export class Microphone {
  /** onChange: called with the name of the source, or null at its end. */
  constructor(button, onChange) {
    this.button = button;
    this.onChange = onChange;
    button.addEventListener("click", () => (this.sound ? this.stop() : this.start()));
  }

  async start() {
    this.button.disabled = true;
    try {
      await this.open();
      this.show(true);
    } catch (error) {
      this.stop();
      notify(`The microphone can't be used: ${error.message}`);
    } finally {
      this.button.disabled = false;
    }
  }

  async open() {
    this.sound = await openMicrophone(
      (block) => { if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(block); },
      (reason) => {
        this.stop();
        notify(`The microphone was stopped: ${reason}.`);
      },
    );
    this.socket = await this.connect(this.sound.rate);
  }

  connect(rate) {
    const url = address(`api/stream?name=browser&rate=${rate}`);
    url.protocol = url.protocol.replace("http", "ws");
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.onerror = () => reject(new Error("the service can't be reached"));
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.type !== "ready") return;
        this.onChange(message.source);
        resolve(socket);
      };
      socket.onclose = ({ code }) => {
        reject(new Error(REASONS[code] ?? "the service closed the stream"));
        if (this.socket === socket) {
          this.stop();
          notify(`The microphone was stopped: ${REASONS[code] ?? "the connection was lost"}.`);
        }
      };
    });
  }

  stop() {
    const socket = this.socket;
    this.socket = null; // so that `onclose` shows no notice
    if (socket?.readyState === WebSocket.OPEN) socket.send('{"type": "end"}');
    this.sound?.close();
    this.sound = null;
    this.show(false);
    this.onChange(null);
  }

  show(on) {
    this.button.setAttribute("aria-pressed", String(on));
    this.button.textContent = on ? "Stop this microphone" : "Use this microphone";
  }
}
