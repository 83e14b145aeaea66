import { type Address, keyOf, keyParts } from './address.ts';

/** Whether an address is meant by a pattern on keys: as the key stands in a document, or in plain text, `Sales / East` for `Sales %2F East`. */
export function isNamedBy(pattern: string, address: Address): boolean {
  const key = keyOf(address);
  if (matchesPattern(key, pattern)) return true;
  const plain = keyParts(address)?.join('/') ?? key;
  return plain !== key && matchesPattern(plain, pattern);
}

/** `*` is any text, `?` one character, everything else itself. Takes the product of both lengths at worst, whatever the pattern. */
export function matchesPattern(text: string, pattern: string): boolean {
  const characters = [...text];
  const signs = [...pattern];
  let [at, sign] = [0, 0];
  let star: { readonly sign: number; at: number } | undefined;
  while (at < characters.length) {
    if (signs[sign] === '*') {
      star = { sign, at };
      sign += 1;
    } else if (signs[sign] === '?' || signs[sign] === characters[at]) {
      sign += 1;
      at += 1;
    } else if (star !== undefined) {
      // The last star takes one character more.
      star.at += 1;
      at = star.at;
      sign = star.sign + 1;
    } else return false;
  }
  return signs.slice(sign).every((rest) => rest === '*');
}
