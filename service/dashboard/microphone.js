// The microphone of this browser as a stream of the service, at the browser's rate. The service resamples.

import { notify } from "./api.js";

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
    button.addEventListener("click", () => (this.context ? this.stop() : this.start()));
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
    if (!navigator.mediaDevices) throw new Error("browsers allow it on https pages and on localhost only");
    this.media = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule("capture.js");
    const capture = new AudioWorkletNode(this.context, "capture", { numberOfOutputs: 0, channelCount: 1 });
    this.socket = await this.connect(this.context.sampleRate);
    capture.port.onmessage = ({ data }) => {
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(data);
    };
    this.context.createMediaStreamSource(this.media).connect(capture);
  }

  connect(rate) {
    const url = new URL(`api/stream?name=browser&rate=${rate}`, location.href);
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
    this.media?.getTracks().forEach((track) => track.stop());
    this.context?.close();
    this.context = null;
    this.show(false);
    this.onChange(null);
  }

  show(on) {
    this.button.setAttribute("aria-pressed", String(on));
    this.button.textContent = on ? "Stop this microphone" : "Use this microphone";
  }
}
