import type { Address } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { parseJson } from '../../state/json.ts';

const LINE_FEED = 10;
const START = '{"address":"';

/**
 * Documents as lines of canonical JSON, each read when it is first asked for: most of what is remembered is never looked at. Which addresses there
 * are is known at once; a text that is not of such lines is refused at once.
 */
export class DocumentLines implements ReadonlyMap<Address, Document> {
  readonly #bytes: Buffer;
  readonly #lines = new Map<Address, { readonly from: number; readonly to: number }>();
  readonly #read = new Map<Address, Document>();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(LINE_FEED, from);
      const to = end < 0 ? bytes.length : end;
      this.#lines.set(addressIn(bytes, from, to), { from, to });
      from = to + 1;
    }
  }

  get size(): number {
    return this.#lines.size;
  }

  has(address: Address): boolean {
    return this.#lines.has(address);
  }

  get(address: Address): Document | undefined {
    const known = this.#read.get(address);
    const line = this.#lines.get(address);
    if (known !== undefined || line === undefined) return known;
    const document = parseJson(this.#bytes.toString('utf8', line.from, line.to)) as unknown as Document;
    this.#read.set(address, document);
    return document;
  }

  keys(): MapIterator<Address> {
    return this.#lines.keys();
  }

  *values(): MapIterator<Document> {
    for (const [, document] of this) yield document;
  }

  *entries(): MapIterator<[Address, Document]> {
    for (const address of this.#lines.keys()) yield [address, this.get(address) as Document];
  }

  [Symbol.iterator](): MapIterator<[Address, Document]> {
    return this.entries();
  }

  forEach(visit: (document: Document, address: Address, map: ReadonlyMap<Address, Document>) => void): void {
    for (const [address, document] of this) visit(document, address, this);
  }
}

/** The address with which a line begins: keys are sorted, and it is the first. */
function addressIn(bytes: Buffer, from: number, to: number): Address {
  const start = from + START.length;
  let end = start;
  while (end < to && bytes[end] !== 0x22) end += bytes[end] === 0x5c ? 2 : 1;
  const isWhole = bytes.toString('latin1', from, start) === START && end < to && bytes[to - 1] === 0x7d;
  if (!isWhole) throw new Error('what is remembered as applied is no list of documents');
  return JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as Address;
}
