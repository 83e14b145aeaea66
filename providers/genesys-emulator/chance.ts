/** A seeded stream of numbers in [0, 1) (sfc32) whose position can be saved and taken up again. */
export interface Chance {
  (): number;
  readonly state: () => readonly number[];
}

export function seededChance(seed: string, saved?: readonly number[]): Chance {
  let [a, b, c, d] = saved === undefined ? [hashText(seed, 1), hashText(seed, 2), hashText(seed, 3), 1] : (saved as [number, number, number, number]);
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  if (saved === undefined) for (let round = 0; round < 12; round += 1) next();
  return Object.assign(next, { state: () => [a, b, c, d] });
}

/** FNV-1a, good enough to seed and to shuffle; never used where an enemy chooses the input. */
export function hashText(text: string, salt = 0): number {
  let hash = 0x811c9dc5 ^ salt;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** A version 4 GUID. */
export function guid(chance: () => number): string {
  const digits = () =>
    Math.floor(chance() * 4_294_967_296)
      .toString(16)
      .padStart(8, '0');
  const [a, b, c, d] = [digits(), digits(), digits(), digits()];
  const variant = '89ab'.charAt(Math.floor(chance() * 4));
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}
