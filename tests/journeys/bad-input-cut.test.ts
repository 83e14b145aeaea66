import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { genesys } from '../../providers/genesys/platform.ts';
import { checkTree } from '../../state/check.ts';
import { type AssetContent, decodeDocument } from '../../state/codec.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { isList } from '../../state/value.ts';
import { CLONE } from './journey-site.ts';

const ROOT = join(CLONE, 'manifests/practice');
const { types } = genesys;

/** The longest document of a type that the repository ships, and the text of the tree beside it. */
function longest(type: string): { readonly file: string; readonly text: string; readonly content?: string } {
  const texts = readdirSync(join(ROOT, type))
    .filter((name) => /^[^.]+\.yaml$/.test(name))
    .map((name) => ({ file: name, text: readFileSync(join(ROOT, type, name), 'utf8') }));
  const [first] = texts.sort((left, right) => right.text.length - left.text.length || (left.file < right.file ? -1 : 1));
  if (first === undefined) throw new Error(`no document of ${type}`);
  const content = join(ROOT, type, first.file.replace(/\.yaml$/, '.architect.yaml'));
  return type === 'flow' ? { ...first, content: readFileSync(content, 'utf8') } : first;
}

function decode(file: string, text: string, content?: string) {
  const asset = (name: string): AssetContent | undefined =>
    content !== undefined && name.endsWith('.architect.yaml') ? { hash: 'sha256:x', text: content } : { hash: `sha256:${name}` };
  return decodeDocument({ file, text, types, asset });
}

/** What a reader of the plan has to be told: each field that is gone from the body's root, and as many members as are gone from each of its lists. */
function expectNamed(whole: Document, cut: Document, at: number): void {
  const type = types.get(whole.address.split('/')[0] as string);
  if (type === undefined) throw new Error(whole.address);
  const changes = diffDocuments(whole, cut, type);
  const under = (field: string) => changes.filter((change) => change.at === `/${field}` || change.at.startsWith(`/${field}/`));
  for (const [field, before] of Object.entries(whole.body)) {
    const after = cut.body[field];
    const gone = isList(before) ? before.length - (isList(after) ? after.length : 0) : after === undefined ? 1 : 0;
    if (gone > 0) expect({ at, field, named: under(field).length > 0 && (!isList(after) || under(field).length >= gone) }).toEqual({ at, field, named: true });
  }
  expect({ at, changes: changes.length > 0 }).toEqual({ at, changes: true });
}

/** Reads a text cut at every byte: each time it is a problem with its place, or what is left differs in what the plan names. */
function cutEverywhere(text: string, read: (cut: string) => ReturnType<typeof decode>, whole: Document): { told: number; planned: number } {
  const bytes = Buffer.from(text);
  const count = { told: 0, planned: 0 };
  for (let at = 0; at < bytes.length; at += 1) {
    const { document, problems } = read(bytes.subarray(0, at).toString('utf8'));
    const errors = problems.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      count.told += 1;
      expect({ at, placed: errors.every(({ place, hint }) => place?.file !== undefined && hint !== undefined) }).toEqual({ at, placed: true });
      expect({ at, document }).toEqual({ at, document: undefined });
    } else if (document === undefined) throw new Error(`silent at byte ${at}`);
    else {
      const files = new Map();
      const tree = { documents: new Map([[document.address, document]]), completeness: new Map(), files, twins: new Map(), problems: [] };
      const isTold = checkTree(tree, types).some(({ code }) => !code.startsWith('REF_'));
      if (isTold) count.told += 1;
      else {
        count.planned += 1;
        expectNamed(whole, document, at);
      }
    }
  }
  return count;
}

describe('a file cut at every byte is told, or the plan names every field and member that would go', () => {
  test.each([...types.keys()].sort())('%s', (type) => {
    const { file, text, content } = longest(type);
    const whole = decode(file, text, content);
    expect(whole.problems).toEqual([]);
    const { told, planned } = cutEverywhere(text, (cut) => decode(file, cut, content), whole.document as Document);
    expect(told + planned).toBe(Buffer.byteLength(text));
    expect(told).toBeGreaterThan(planned);
  });

  test("a flow's own file", () => {
    const file = 'cafe-greeting_commonmodule--1apnjmdubc9s.yaml';
    const text = readFileSync(join(ROOT, 'flow', file), 'utf8');
    const content = readFileSync(join(ROOT, 'flow', file.replace(/\.yaml$/, '.architect.yaml')), 'utf8');
    const whole = decode(file, text, content).document as Document;
    const { told } = cutEverywhere(content, (cut) => decode(file, text, cut), whole);
    expect(told).toBeGreaterThan(content.length * 0.9);
  });
});
