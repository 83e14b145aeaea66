/**
 * How a resource is called: `type/key`, in one spelling, parsed and printed only here.
 *
 * A key is the parts of the type's natural key, parent first, joined by `/`. A part is percent-encoded where it holds
 * `/ % { }`, and where it ends in `#` before another part, so that `type/key#/pointer` (one deferred edge of a resource) has one reading.
 */
declare const brand: unique symbol;
export type Address = string & { readonly [brand]: 'address' };

/** The key of a type that an org has exactly one of. */
export const SINGLETON = '@only';
/** The key of the org's home division, whatever its name. */
export const HOME = '@home';

const ENCODED: Readonly<Record<string, string>> = { '/': '%2F', '%': '%25', '{': '%7B', '}': '%7D' };

/** Address of a resource by the parts of its natural key. A real leading `@` of the whole key is doubled. */
export function makeAddress(type: string, parts: readonly string[]): Address {
  const encoded = parts.map((part, index) => encodePart(part, index < parts.length - 1));
  if (encoded[0]?.startsWith('@')) encoded[0] = `@${encoded[0]}`;
  return `${type}/${encoded.join('/')}` as Address;
}

/** Address of a resource whose key is one of the reserved words `@only` and `@home`. */
export function makeReservedAddress(type: string, word: typeof SINGLETON | typeof HOME): Address {
  return `${type}/${word}` as Address;
}

/** The address of one deferred edge: the field at `pointer` of `owner`, written after both ends exist. */
export function edgeAddress(owner: Address, pointer: string): Address {
  return `${owner}#${pointer}` as Address;
}

/** Owner and pointer of an edge address; `pointer` is undefined for the address of a whole resource. */
export function splitEdge(address: Address): { readonly owner: Address; readonly pointer: string | undefined } {
  const at = address.indexOf('#/');
  if (at < 0) return { owner: address, pointer: undefined };
  return { owner: address.slice(0, at) as Address, pointer: address.slice(at + 1) };
}

export function typeOf(address: Address): string {
  return address.slice(0, address.indexOf('/'));
}

/** The key as it stands in a document's `key` line: everything behind `type/`. */
export function keyOf(address: Address): string {
  return splitEdge(address).owner.slice(address.indexOf('/') + 1);
}

/** The plain parts of an address's key; undefined for `@only` and `@home`. */
export function keyParts(address: Address): readonly string[] | undefined {
  const key = keyOf(address);
  if (key === SINGLETON || key === HOME) return undefined;
  return (key.startsWith('@@') ? key.slice(1) : key).split('/').map(decodePart);
}

/** Reads an address that a person may have typed; undefined where it is none. What it returns prints as the same text. */
export function parseAddress(text: string): Address | undefined {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1) return undefined;
  const type = text.slice(0, slash);
  if (!/^[a-z][a-z0-9_]*$/.test(type)) return undefined;
  const key = text.slice(slash + 1);
  if (key === SINGLETON || key === HOME) return text as Address;
  if (key.startsWith('@') && !key.startsWith('@@')) return undefined;
  if (/[{}]/.test(key) || /%(?!2F|25|7B|7D|23)/.test(key) || key.includes('#/')) return undefined;
  return text as Address;
}

function encodePart(part: string, hasNext: boolean): string {
  const encoded = part.replace(/[/%{}]/g, (character) => ENCODED[character] ?? character);
  return hasNext && encoded.endsWith('#') ? `${encoded.slice(0, -1)}%23` : encoded;
}

function decodePart(part: string): string {
  return part.replace(/%(2F|25|7B|7D|23)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
