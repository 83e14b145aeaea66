import { createHash } from 'node:crypto';
import { HOME, SINGLETON } from './address.ts';

/**
 * How files are called. A stem is a pure function of the key alone, so adding one object never renames another; two keys never share one,
 * also where a file system ignores case or folds Unicode; it is safe on Windows, macOS and Linux, holds no dot, and leaves room for what follows.
 *
 * The easy names stay as they are read: `Main Menu/inboundcall` is `main-menu_inboundcall` (words with a capital, `_` for the slash, later
 * parts in lower case). Every other key gets its readable part, `--`, and a hash of the exact key: `VIP` is `vip--5zj2k8qd0w3m`.
 */
export function fileStem(key: string): string {
  if (key === SINGLETON || key === HOME) return key;
  const slug = slugOf(key);
  const isPlain = slug.length <= MAX_STEM && keyOfSlug(slug) === key && !RESERVED.test(slug);
  return isPlain ? slug : `${shortened(slug)}--${shortHash(key)}`;
}

/** The name of a document's file. */
export function documentFile(stem: string): string {
  return `${stem}.yaml`;
}

/** The name of an asset beside its document: same stem, more dots. `middle` tells the assets of one document apart (a language); empty for the only one. */
export function assetFile(stem: string, middle: string, extension: string): string {
  if (middle === '') return `${stem}.${extension}`;
  const slug = slugOf(middle);
  const isPlain = slug === middle && slug.length <= MAX_MIDDLE;
  return `${stem}.${isPlain ? slug : `${shortened(slug, MAX_MIDDLE)}--${shortHash(middle)}`}.${extension}`;
}

/** Whether a text from a document may name a file beside it: a bare name that no file system reads as anything else. */
export function isPlainName(name: string): boolean {
  return (
    Buffer.byteLength(name) <= MAX_FILE &&
    /^[^\p{C}\p{Z}/\\:*?"<>|.~-][^\p{C}/\\:*?"<>|~]*$/u.test(name) &&
    !/[. ]$|\.\./.test(name) &&
    !RESERVED.test(name.split('.')[0] ?? '')
  );
}

/** What two names must not have in common: some file system takes names that fold alike for one. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** 120 bytes for a whole name: stem, then at most 44 for `.middle--hash.extension`. */
const MAX_FILE = 120;
const MAX_STEM = 76;
const MAX_MIDDLE = 28;
const HASH_LENGTH = 12;
const RESERVED = /^(con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])$/i;

/** Lower-case ASCII words; accents are dropped, everything else parts words. */
function slugOf(key: string): string {
  const words = (part: string) =>
    part
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '');
  return key
    .slice(0, 4 * MAX_FILE)
    .split('/')
    .map(words)
    .join('_');
}

/** The one key that a slug stands for without a hash. */
function keyOfSlug(slug: string): string | undefined {
  const [head = '', ...rest] = slug.split('_');
  const isWhole = [head, ...rest].every((part) => part !== '');
  const titled = head.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
  return isWhole ? [titled, ...rest].join('/').replace(/-/g, ' ') : undefined;
}

function shortened(slug: string, length: number = MAX_STEM): string {
  const cut = slug
    .slice(0, length - HASH_LENGTH - 2)
    .replace(/[-_]+$/, '')
    .replace(/^[-_]+/, '');
  return cut === '' ? 'x' : cut;
}

/** 60 bits of SHA-256 in base 32: readable, without upper case. UTF-16 units are hashed, so that lone surrogates count. */
function shortHash(text: string): string {
  const bytes = createHash('sha256').update(Buffer.from(text, 'utf16le')).digest();
  return bytes.readBigUInt64BE(0).toString(32).padStart(13, '0').slice(-HASH_LENGTH);
}
