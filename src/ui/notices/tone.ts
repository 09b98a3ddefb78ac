// The sound of a call: two soft notes, made here, no file. A browser lets a tab sound only after somebody used it.

const NOTES_HZ = [660, 880];
const NOTE_SECONDS = 0.16;
const LOUDNESS = 0.12;
/** An output that is busy elsewhere never comes to the end of a note. */
const TONE_MS = 2_000;

/** This tab may sound: somebody has used it since it was opened. */
export const maySound = (): boolean => navigator.userActivation?.hasBeenActive ?? false;

/** Plays the tone. False: the browser did not let it. */
export async function playTone(): Promise<boolean> {
  const audio = new AudioContext();
  try {
    await Promise.race([audio.resume(), new Promise((resolve) => setTimeout(resolve, TONE_MS))]);
    if (audio.state !== 'running') return false;
    const over = Promise.withResolvers<void>();
    for (const [at, hertz] of NOTES_HZ.entries()) {
      const start = audio.currentTime + at * NOTE_SECONDS;
      const gain = new GainNode(audio, { gain: 0 });
      gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, start + 2 * NOTE_SECONDS);
      const note = new OscillatorNode(audio, { frequency: hertz });
      note.connect(gain).connect(audio.destination);
      note.start(start);
      note.stop(start + 2 * NOTE_SECONDS);
      if (at === NOTES_HZ.length - 1) note.onended = () => over.resolve();
    }
    const timer = setTimeout(over.resolve, TONE_MS);
    await over.promise;
    clearTimeout(timer);
    return true;
  } finally {
    await audio.close();
  }
}
