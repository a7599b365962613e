/** Sounds and vibration, for those who switch them on. The tones are made here; nothing is loaded. */

const RIGHT = [[660, 0], [880, 0.11]];
const WRONG = [[233, 0]];
const GAIN = [[523, 0], [659, 0.12], [784, 0.24], [1047, 0.36]];
const LENGTH = 0.28; // seconds
const PULSES = { right: [20], wrong: [40, 50, 40], gain: [20, 40, 20, 40, 60] };

let audio = null;

export const feel = {
  right: () => give("right", RIGHT, "sine"),
  wrong: () => give("wrong", WRONG, "triangle"),
  gain: () => give("gain", GAIN, "sine"),
};

/** The switches of a page; what they say is kept on this device. */
export function showSwitches(page) {
  const box = page.querySelector("[data-switches]");
  if (!box) return;
  box.hidden = false;
  for (const button of box.querySelectorAll("[data-switch]")) {
    const { switch: name } = button.dataset;
    button.hidden = name === "haptics" && !canVibrate();
    button.setAttribute("aria-pressed", isOn(name));
  }
}

/** Turns what a switch says, and gives a taste of it. */
export function turnSwitch(button) {
  const { switch: name } = button.dataset;
  const on = !isOn(name);
  try {
    localStorage.setItem(`skillquest.${name}`, on ? "on" : "off");
  } catch {}
  button.setAttribute("aria-pressed", on);
  if (on) feel.right();
}

/** Browsers of computers have the function, too, and nothing that moves. */
const canVibrate = () => Boolean(navigator.vibrate) && matchMedia("(pointer: coarse)").matches;

function isOn(name) {
  try {
    return localStorage.getItem(`skillquest.${name}`) === "on";
  } catch {
    return false;
  }
}

function give(name, notes, wave) {
  if (isOn("sound") && globalThis.AudioContext) play(notes, wave);
  if (isOn("haptics")) navigator.vibrate?.(PULSES[name]);
}

function play(notes, wave) {
  audio ??= new AudioContext();
  for (const [frequency, after] of notes) {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    const start = audio.currentTime + after;
    tone.type = wave;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.12, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + LENGTH);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + LENGTH);
  }
}
