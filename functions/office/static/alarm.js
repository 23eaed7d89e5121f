// Says within seconds that an emergency has come in, on every page of whoever sits where they come in.
"use strict";

// Milliseconds that one question may take.
const PATIENCE = 10000;

{
  const alarm = document.getElementById("alarm");
  const part = (name) => document.getElementById("alarm-" + name);
  const [text, ways, open, seen, sound] = ["text", "ways", "open", "seen", "sound"].map(part);
  const words = alarm.dataset;
  const title = document.title;
  // What is seen is so in this tab; the sound is this device's.
  const kept = (area, name, value) => {
    try {
      if (value === undefined) return JSON.parse(window[area].getItem(name));
      window[area].setItem(name, JSON.stringify(value));
    } catch { /* Not allowed. */ }
    return null;
  };

  const tone = () => {
    try {
      const audio = new AudioContext();
      [880, 660, 880].forEach((pitch, place) => {
        const [voice, volume] = [audio.createOscillator(), audio.createGain()];
        const start = audio.currentTime + place * 0.25;
        voice.frequency.value = pitch;
        volume.gain.value = 0.2;
        voice.connect(volume).connect(audio.destination);
        voice.start(start);
        voice.stop(start + 0.2);
        if (place === 2) voice.addEventListener("ended", () => audio.close());
      });
      words.tones = Number(words.tones || 0) + 1;
    } catch { /* No sound on this device. */ }
  };

  // What is shown: nothing, an emergency, or that none would be announced.
  let shown = null;
  const show = (said, kind, newest) => {
    const key = said && kind + (newest ? newest.since + newest.number : "");
    if (text.textContent !== said) text.textContent = said;
    alarm.className = "wide alarm" + (said ? " notice " + kind : "");
    ways.hidden = !newest;
    if (newest) open.href = "/desk/cases/" + encodeURIComponent(newest.number);
    document.title = said && kind === "bad" ? words.title + " " + title : title;
    if (key && key !== shown && kind === "bad" && kept("localStorage", "alarm-sound")) tone();
    shown = key;
  };

  let last = null;
  const tell = ({ count, newest }) => {
    const before = kept("sessionStorage", "alarm-seen") || { since: "", number: "" };
    const isNew = newest && (newest.since > before.since || (newest.since === before.since && newest.number !== before.number));
    last = newest;
    if (isNew && location.pathname.split("/").includes(newest.number)) note();
    else if (isNew) show(words.new.replace("{number}", newest.number).replace("{count}", count), "bad", newest);
    else show("", "", null);
  };
  const note = () => {
    if (last) kept("sessionStorage", "alarm-seen", last);
    show("", "", null);
  };
  seen.addEventListener("click", note);
  open.addEventListener("click", note);

  let failed = 0;
  let asking = false;
  const clock = new Worker(words.worker);
  const ask = async () => {
    if (asking) return;
    asking = true;
    let status = 0;
    let found = null;
    try {
      const response = await fetch(words.address, { cache: "no-cache", signal: AbortSignal.timeout(PATIENCE) });
      status = response.status;
      if (response.ok) found = await response.json();
    } catch { /* Away: asked again. */ }
    asking = false;
    failed = found ? 0 : failed + 1;
    if (found) tell(found);
    else if (status === 401 || status === 403) {
      clock.terminate();
      show(words.over, "bad", null);
    } else if (failed > 2 && !(shown && shown.startsWith("bad"))) {
      // Once is a restart; an emergency that is shown stays.
      show(words.lost, "warn", null);
    }
  };
  clock.addEventListener("message", ask);

  const press = (on) => sound.setAttribute("aria-pressed", String(on));
  press(Boolean(kept("localStorage", "alarm-sound")));
  sound.hidden = false;
  sound.addEventListener("click", () => {
    const on = sound.getAttribute("aria-pressed") !== "true";
    kept("localStorage", "alarm-sound", on);
    press(on);
    if (on) tone();
  });
}
