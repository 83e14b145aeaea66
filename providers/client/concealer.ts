/** Keeps secrets out of every text that leaves the client: messages, records, notices. It learns tokens as they come. */
export interface Concealer {
  add(secret: string): void;
  conceal(text: string): string;
}

/** Shorter values would blank out innocent words. */
const SHORTEST = 4;

/** Conceals each secret as it is, and as it looks in base64, in an address, in a form and in JSON. */
export function makeConcealer(secrets: readonly string[] = []): Concealer {
  const spellings = new Set<string>();
  let longestFirst: readonly string[] | undefined;
  const add = (secret: string): void => {
    if (secret.length < SHORTEST) return;
    for (const spelling of spellingsOf(secret)) spellings.add(spelling);
    longestFirst = undefined;
  };
  for (const secret of secrets) add(secret);
  return {
    add,
    conceal: (text) => {
      longestFirst ??= [...spellings].sort((left, right) => right.length - left.length);
      return longestFirst.reduce((shown, spelling) => (shown.includes(spelling) ? shown.replaceAll(spelling, '***') : shown), text);
    },
  };
}

function spellingsOf(secret: string): string[] {
  const base64 = Buffer.from(secret, 'utf8').toString('base64');
  const encoded = encodeURIComponent(secret.replace(/\p{Surrogate}/gu, '\ufffd'));
  const escaped = JSON.stringify(secret).slice(1, -1);
  return [secret, base64, base64.replace(/=+$/, ''), encoded, encoded.replaceAll('%20', '+'), escaped];
}
