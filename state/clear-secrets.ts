import type { Document } from './document.ts';
import { makePointer, type Pointer } from './pointer.ts';
import type { Problem } from './problem.ts';
import type { ResourceType } from './resource-type.ts';
import { type Rules, rulesBelow, rulesOf } from './rules.ts';
import { asDirective, isList, isMap, type Value } from './value.ts';

/**
 * Secrets that stand in a document in clear text. No message shows one.
 *
 * 1. A write-only field of the type holds anything but `{ $secret: NAME }`: an error.
 * 2. A field whose name ends in password, passphrase, secret, token, credential, api key, access key or private key (in any spelling)
 *    holds a text: an error.
 * 3. A text has the form of a known kind of secret (PEM private key, AWS, GitHub, Slack, Google key, JSON web token), or looks drawn by lot: at
 *    least 24 letters, digits and `+/=_-` without a space, small, capital and digits mixed so that the class changes at two of five characters or
 *    more (words do so far less often), with at least 3.8 bits of entropy a character: a warning.
 *
 * In a tree of the vendor's own (a flow) only rule 3 holds, since names of fields are the vendor's words there.
 */
export function findClearSecrets(document: Document, type: ResourceType): readonly Problem[] {
  const found: Problem[] = [];
  visit({ value: document.body, pointer: '', field: '' }, rulesOf(type), {
    isTree: false,
    tell: (problem) => found.push({ ...problem, at: document.address }),
  });
  return found;
}

interface Spot {
  readonly value: Value;
  readonly pointer: Pointer;
  readonly field: string;
}

interface Search {
  readonly isTree: boolean;
  readonly tell: (problem: Problem) => void;
}

function visit({ value, pointer, field }: Spot, rules: Rules, search: Search): void {
  const directive = asDirective(value);
  if (rules.isSecret === true) {
    if (directive?.name !== '$secret' && value !== null) search.tell(declaredSecret(pointer));
  } else if (typeof value === 'string') {
    const problem = judgeText(value, { pointer, field }, search.isTree);
    if (problem !== undefined) search.tell(problem);
  } else if (directive === undefined) {
    const below = rules.isTree === true ? { ...search, isTree: true } : search;
    if (isList(value))
      value.forEach((item, index) => {
        visit({ value: item, pointer: `${pointer}/${index}`, field }, rulesBelow(rules, String(index)), below);
      });
    if (isMap(value))
      for (const [key, item] of Object.entries(value))
        visit({ value: item, pointer: `${pointer}${makePointer([key])}`, field: key }, rulesBelow(rules, key), below);
  }
}

const TELLING_NAME = /(password|passwd|passphrase|secret|token|credential|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key)s?$/i;
const KNOWN_FORMS = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{36,}\b/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\bAIza[A-Za-z0-9_-]{35}\b/,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*/,
];

function judgeText(text: string, { pointer, field }: Pick<Spot, 'pointer' | 'field'>, isTree: boolean): Problem | undefined {
  if (!isTree && text !== '' && TELLING_NAME.test(field)) {
    return problemOf('error', pointer, `the field "${field}" holds what its name calls a secret, in clear text`);
  }
  if (KNOWN_FORMS.some((form) => form.test(text))) return problemOf('warning', pointer, 'this text has the form of a key or token');
  return looksDrawnByLot(text) ? problemOf('warning', pointer, 'this text looks like a key or token') : undefined;
}

const LEAST_ENTROPY = 3.8;
const LEAST_CHANGES = 0.4;

function looksDrawnByLot(text: string): boolean {
  if (!/^[A-Za-z0-9+/=_-]{24,512}$/.test(text)) return false;
  const hasAll = /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);
  return hasAll && changesOf(text) / text.length >= LEAST_CHANGES && entropyOf(text) >= LEAST_ENTROPY;
}

/** How often a small letter, a capital or another character stands beside one of another class. */
function changesOf(text: string): number {
  const classes = [...text].map((character) => (/[a-z]/.test(character) ? 'a' : /[A-Z]/.test(character) ? 'A' : '0'));
  return classes.filter((name, index) => index > 0 && name !== classes[index - 1]).length;
}

/** Shannon entropy in bits a character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}

function declaredSecret(pointer: Pointer): Problem {
  return problemOf('error', pointer, 'this field is write-only, and what it holds would stand in Git in clear text');
}

function problemOf(severity: Problem['severity'], pointer: Pointer, message: string): Problem {
  return {
    code: 'SECRET_IN_CLEAR',
    severity,
    pointer,
    message,
    hint: 'write { $secret: NAME } and set NAME in the environment; if this was ever committed, have it replaced by a new one',
  };
}
