import { hashText } from '../chance.ts';

const RATE = 8_000;

/** A short spoken-like tone as a WAV file (mono, 16 bit, 8 kHz): the same bytes for the same text, other bytes for another. */
export function toneWav(text: string): Uint8Array {
  const key = hashText(text);
  const notes = [...text].slice(0, 12).map((letter, index) => 180 + (((letter.codePointAt(0) ?? 0) + (key >>> index)) % 40) * 12);
  const perNote = RATE / 20;
  const samples = new Int16Array(notes.length * perNote);
  for (const [index, pitch] of notes.entries()) {
    for (let at = 0; at < perNote; at += 1) {
      const fade = Math.min(at, perNote - at) / perNote;
      samples[index * perNote + at] = Math.round(triangle((at * pitch) / RATE) * fade * 12_000);
    }
  }
  return wavFile(samples);
}

/** A triangle wave, since the sines of two machines may differ in the last bit. */
function triangle(turns: number): number {
  const part = turns - Math.floor(turns);
  return part < 0.5 ? 4 * part - 1 : 3 - 4 * part;
}

function wavFile(samples: Int16Array): Uint8Array {
  const file = Buffer.alloc(44 + samples.length * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + samples.length * 2, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(RATE * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples.length * 2, 40);
  for (const [index, sample] of samples.entries()) file.writeInt16LE(sample, 44 + index * 2);
  return new Uint8Array(file);
}
