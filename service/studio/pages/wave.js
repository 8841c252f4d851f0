// Sound that is shown: decoded by the browser, at the rate of the models.

const RATE = 16000; // of the models

/** Returns the samples of an audio file, mono at 16 kHz, floats from -1 to 1. bytes: an ArrayBuffer. */
export async function samplesOf(bytes) {
  const context = new OfflineAudioContext(1, 1, RATE);
  const sound = await context.decodeAudioData(bytes).catch(() => {
    throw new Error("this browser can't read the file; send WAV, FLAC, MP3 or Ogg");
  });
  if (sound.numberOfChannels === 1) return sound.getChannelData(0);
  const mixed = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel++) {
    const samples = sound.getChannelData(channel);
    for (let at = 0; at < mixed.length; at++) mixed[at] += samples[at] / sound.numberOfChannels;
  }
  return mixed;
}

/** Draws the samples. What is kept, from one fraction of them to another, stands out. */
export function drawWave(canvas, samples, from, to) {
  const pen = canvas.getContext("2d");
  const { width, height } = canvas;
  const { color: kept, textDecorationColor: left } = getComputedStyle(canvas); // as studio.css has them
  pen.clearRect(0, 0, width, height);
  for (let column = 0; column < width; column++) {
    const begin = Math.floor((column * samples.length) / width);
    let loudest = 0;
    for (let at = begin; at < begin + samples.length / width; at++) loudest = Math.max(loudest, Math.abs(samples[at] ?? 0));
    const tall = Math.max(1, loudest * height);
    pen.fillStyle = column / width >= from && column / width <= to ? kept : left;
    pen.fillRect(column, (height - tall) / 2, 1, tall);
  }
}
