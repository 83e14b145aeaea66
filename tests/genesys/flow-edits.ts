import { stringify } from 'yaml';
import { type Address, keyParts } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { makePointer } from '../../state/pointer.ts';
import { isList, isMap, type Value } from '../../state/value.ts';
import type { Hand } from './hand.ts';
import { otherScalar, type Path } from './hand-edits.ts';

/** A leaf of a flow's content, and what it may become: the org publishes the first that it accepts. */
export interface FlowEdit {
  readonly address: Address;
  readonly path: Path;
  readonly from: Value;
  readonly candidates: readonly Value[];
}

/** Every scalar leaf of a flow's tree, but the internal numbers that no two exports share. `names` are what a name could be instead. */
export function flowEditsOf({ address, body }: Document, names: readonly string[]): readonly FlowEdit[] {
  const edits: FlowEdit[] = [];
  const visit = (value: Value, path: Path): void => {
    if (isList(value)) for (const [index, item] of value.entries()) visit(item, [...path, index]);
    if (isMap(value)) for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
    if (isList(value) || isMap(value) || path.at(-1) === 'refId') return;
    const next = otherScalar(value, { type: typeof value === 'bigint' ? 'integer' : typeof value });
    if (next === undefined) return;
    const isName = path.at(-1) === 'name' || path.at(-1) === 'exp' || path.at(-1) === 'prompt' || path.at(-1) === 'userName';
    const others = isName && typeof value === 'string' ? namesInstead(value, names) : [];
    const elsewhere = typeof value === 'string' ? leadingElsewhere(value, body['content'] ?? null) : [];
    edits.push({ address, path, from: value, candidates: [...elsewhere, next, ...others] });
  };
  visit(body['content'] ?? null, []);
  return edits;
}

/** A reference to a container of the flow may lead to another of its kind. */
function leadingElsewhere(text: string, content: Value): readonly Value[] {
  if (!/\[#\d+\]$/.test(text)) return [];
  const all = JSON.stringify(content, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item)).matchAll(/"([^"]*\[#\d+\])"/g);
  const kind = text.slice(0, text.lastIndexOf('['));
  return [...new Set([...all].map(([, found = '']) => found))].filter((found) => found !== text && found.startsWith(`${kind}[`));
}

/** The same text with another name in the place of one that it holds, or another name alone. */
function namesInstead(text: string, names: readonly string[]): readonly string[] {
  const held = names.filter((name) => text.includes(name)).sort((left, right) => right.length - left.length)[0];
  return names.filter((name) => name !== held && name !== text).map((name) => (held === undefined ? name : text.replace(held, name)));
}

/** Publishes a flow with each of these leaves changed, as its author would: the file through the publish job. Leaves that the org refuses stay. */
export function publishEdited(hand: Hand, content: Value, batch: readonly FlowEdit[]) {
  const [name = '', type = ''] = batch[0] === undefined ? [] : (keyParts(batch[0].address) ?? []);
  let tree = content;
  const made: { readonly edit: FlowEdit; readonly to: Value }[] = [];
  const failed: string[] = [];
  for (const edit of batch) {
    const to = edit.candidates.find((candidate) => {
      const next = setIn(tree, edit.path, candidate);
      if (!publish(hand, name, type, next)) return false;
      tree = next;
      return true;
    });
    if (to === undefined) failed.push(`${edit.address} ${makePointer(edit.path)} ${String(edit.from)}`);
    else made.push({ edit, to });
  }
  return { made, failed };
}

/** The file as Architect's own tools would publish it. */
function publish(hand: Hand, name: string, type: string, tree: Value): boolean {
  const [root = ''] = Object.keys(tree as object);
  const division = hand.thing(`flow/${name}/${type}` as Address).body['division'] as { id: string };
  const divisionName = hand.core.context(hand.org).byId('auth_division', division.id)!.body['name'];
  const content = stringify({ [root]: { name, division: divisionName, ...(tree as Record<string, object>)[root] } }, { lineWidth: 0, version: '1.1' });
  try {
    hand.core.seed(hand.org, 'flow', { content });
    return true;
  } catch {
    return false;
  }
}

function setIn(value: Value, [head, ...rest]: Path, to: Value): Value {
  if (head === undefined) return to;
  if (isList(value)) return value.map((item, index) => (index === head ? setIn(item, rest, to) : item));
  return Object.fromEntries(
    Object.entries(value as object).map(([key, item]) => [key, key === String(head) ? setIn(item as Value, rest, to) : (item as Value)]),
  );
}
