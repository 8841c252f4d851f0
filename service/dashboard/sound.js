// The microphone of this browser, as blocks of samples. It is opened by a click only: browsers demand it, and so do people.

const REFUSALS = {
  NotAllowedError: "it was refused; allow it for this page in the browser",
  NotFoundError: "there is none; connect one",
  NotReadableError: "it can't be opened; is another program using it?",
};
// What makes speech pleasant for people changes what a model hears.
const PLAIN = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** Whether browsers give the microphone to this page at all. */
export const allowed = Boolean(navigator.mediaDevices);
export const FORBIDDEN = "browsers allow it on https pages and on localhost only";

/** Opens the microphone. Returns its rate, and a function that closes it.

    onBlock: called with an ArrayBuffer of int16 every 50 ms. onEnd: called with a line if the microphone goes away.
    settings: of the AudioContext, such as its rate. */
export async function openMicrophone(onBlock, onEnd = () => {}, settings = {}) {
  if (!allowed) throw new Error(FORBIDDEN);
  const media = await navigator.mediaDevices.getUserMedia({ audio: PLAIN }).catch((error) => {
    throw new Error(REFUSALS[error.name] ?? error.message);
  });
  let context = null;
  const close = () => {
    media.getTracks().forEach((track) => track.stop());
    context?.close();
    context = null;
  };
  try {
    context = new AudioContext(settings);
    const { sampleRate: rate } = context;
    await context.audioWorklet.addModule(new URL("./capture.js", import.meta.url));
    const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1 });
    capture.port.onmessage = ({ data }) => { if (context) onBlock(data); };
    capture.onprocessorerror = () => { if (context) onEnd("the audio thread of this browser failed"); };
    media.getAudioTracks()[0].onended = () => { if (context) onEnd("it has gone away; connect it again"); };
    context.createMediaStreamSource(media).connect(capture);
    return { rate, close };
  } catch (error) {
    close();
    throw error;
  }
}
