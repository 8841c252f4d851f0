// The log-mel spectrogram of the last seconds: one column per frame of 10 ms, the newest at the right.

const BANDS = 32;
const dark = matchMedia("(prefers-color-scheme: dark)");

// Colours from silent to loud, interpolated between.
const RAMPS = {
  dark: [[18, 20, 26], [43, 38, 103], [142, 48, 121], [240, 112, 72], [255, 240, 180]],
  light: [[246, 247, 251], [186, 214, 240], [86, 148, 214], [30, 78, 160], [16, 22, 58]],
};

export class Spectrogram {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.picture = canvas.parentElement;
    this.image = this.context.createImageData(canvas.width, BANDS);
    this.values = new Uint8Array(canvas.width * BANDS);
    this.marks = []; // { frame, line }: frame of the source, and element that marks it
    this.frames = 0;
    this.pending = false;
    dark.addEventListener("change", () => this.schedule());
    this.schedule();
  }

  clear() {
    this.values.fill(0);
    this.keep(() => false);
    this.schedule();
  }

  /** Adds frames of 32 bands (0 to 255). last: number of the last one, from the start of the source. */
  push(frames, last) {
    const width = this.canvas.width;
    const fresh = frames.slice(-width);
    for (let band = 0; band < BANDS; band++) {
      const row = this.values.subarray(band * width, (band + 1) * width);
      row.copyWithin(0, fresh.length);
      fresh.forEach((frame, i) => { row[width - fresh.length + i] = frame[band]; });
    }
    this.frames = last;
    this.keep((mark) => mark.frame > last - width);
    this.schedule();
  }

  mark(frame, word) {
    const line = document.createElement("span");
    line.className = "mark";
    line.dir = "auto";
    line.textContent = word;
    line.setAttribute("aria-hidden", "true"); // the list of events has it
    this.picture.append(line);
    this.marks.push({ frame, line });
    this.schedule();
  }

  keep(which) {
    for (const mark of this.marks) if (!which(mark)) mark.line.remove();
    this.marks = this.marks.filter(which);
  }

  schedule() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => { this.pending = false; this.draw(); });
  }

  draw() {
    const { width } = this.canvas;
    const colours = palette(RAMPS[dark.matches ? "dark" : "light"]);
    const pixels = new Uint32Array(this.image.data.buffer);
    for (let band = 0; band < BANDS; band++) {
      const from = (BANDS - 1 - band) * width; // low bands at the bottom
      for (let x = 0; x < width; x++) pixels[from + x] = colours[this.values[band * width + x]];
    }
    this.context.putImageData(this.image, 0, 0);
    for (const { frame, line } of this.marks) line.style.left = `${(100 * (width - (this.frames - frame))) / width}%`;
  }
}

/** Returns 256 colours in the format of a canvas. */
function palette(stops) {
  return Uint32Array.from({ length: 256 }, (_, value) => {
    const at = (value / 255) * (stops.length - 1);
    const below = Math.min(Math.floor(at), stops.length - 2);
    const [red, green, blue] = [0, 1, 2].map((i) => {
      const [low, high] = [stops[below][i], stops[below + 1][i]];
      return Math.round(low + (high - low) * (at - below));
    });
    return (255 << 24) | (blue << 16) | (green << 8) | red;
  });
}
