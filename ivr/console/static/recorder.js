// Records a text with the microphone, and sends it as the form's file (WAV). The server does all else.
"use strict";

function wav(chunks, rate) {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * length));
  const text = (at, letters) => [...letters].forEach((sign, place) => view.setUint8(at + place, sign.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * length, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * length, true);
  let at = 44;
  for (const chunk of chunks) {
    for (const sample of chunk) {
      view.setInt16(at, Math.max(-1, Math.min(1, sample)) * 32767, true);
      at += 2;
    }
  }
  return new Blob([view], { type: "audio/wav" });
}

async function listen(module) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, autoGainControl: false } });
  const context = new AudioContext();
  try {
    await context.audioWorklet.addModule(module);
    const node = new AudioWorkletNode(context, "recorder");
    const chunks = [];
    node.port.onmessage = (event) => chunks.push(event.data);
    context.createMediaStreamSource(stream).connect(node).connect(context.destination);
    return { stream, context, chunks };
  } catch (error) {
    stream.getTracks().forEach((track) => track.stop());
    throw error;
  }
}

for (const form of document.querySelectorAll("form[data-recorder]")) {
  if (!navigator.mediaDevices || !window.AudioWorkletNode) continue;
  const part = (name) => form.querySelector(`[data-${name}]`);
  const say = (words) => { part("message").textContent = words; };
  let running = null;
  let clock = 0;

  const recording = (on) => {
    part("start").hidden = on;
    part("stop").hidden = !on;
    (on ? part("stop") : part("start")).focus();
  };

  const finish = () => {
    if (!running) return;
    const { stream, context, chunks } = running;
    running = null;
    clearTimeout(clock);
    stream.getTracks().forEach((track) => track.stop());
    context.close();
    recording(false);
    const files = new DataTransfer();
    files.items.add(new File([wav(chunks, context.sampleRate)], "opname.wav", { type: "audio/wav" }));
    form.elements.recording.files = files.files;
    say(form.dataset.sending);
    form.requestSubmit();
  };

  part("parts").hidden = false;
  part("start").addEventListener("click", async () => {
    try {
      running = await listen(form.dataset.recorder);
    } catch {
      say(form.dataset.refused);
      return;
    }
    recording(true);
    say(form.dataset.running);
    clock = setTimeout(finish, Number(form.dataset.most) * 1000);
  });
  part("stop").addEventListener("click", finish);
}
