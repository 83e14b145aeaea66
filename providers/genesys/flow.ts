import { keyParts, parseAddress } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { makePointer, type Pointer, walk } from '../../state/pointer.ts';
import type { RefUse } from '../../state/resource-type.ts';
import { refsInText } from '../../state/text-refs.ts';
import { isMap } from '../../state/value.ts';
import { declare } from './declare.ts';
import { parseFlow, parseFlowOf, placeholderFlow, printFlow } from './flow-file.ts';
import { rootKeyOfType } from './flow-names.ts';
import { flowProblems, flowUses } from './flow-uses.ts';

/** A flow of Architect. What it does stands in a file of its own that is published and exported by jobs; the API's object is state. */
export const flow = declare({
  type: 'flow',
  only: ['/division'],
  lowerCaseKeys: ['type'],
  fixedKeyFields: ['type'],
  listQuery: { deleted: false },
  movedAs: 'FLOW',
  deferrable: ['/content'],
  parts: [
    {
      kind: 'published',
      at: '/content',
      extension: 'architect.yaml',
      print: (value, address) => printFlow(value, address === undefined ? {} : nameIn(address)),
      parse: (text, file, address) => (address === undefined ? parseFlow(text, file) : parseFlowOf(address, text, file)),
    },
  ],
  usesIn: ({ address, body }) => (body['content'] === undefined ? [] : [...flowUses(body['content'], address), ...idsIn(body)]),
  check: ({ address, body }) => (body['content'] === undefined ? [] : flowProblems(body['content'], address)),
  placeholder: ({ address }) => placeholderFlow(rootKeyOfType(keyParts(address)?.[1] ?? '')),
});

function nameIn(address: Parameters<typeof keyParts>[0]): { readonly name?: string } {
  const [name] = keyParts(address) ?? [];
  return name === undefined ? {} : { name };
}

/** Ids that stood in texts of the content: by design there are none, but people paste them. */
function idsIn(body: Document['body']): readonly RefUse[] {
  const uses = (text: string, pointer: Pointer): readonly RefUse[] =>
    refsInText(text).flatMap((address) => {
      const to = parseAddress(address);
      return to === undefined ? [] : [{ pointer: `/content${pointer}`, to, isText: true }];
    });
  return [...walk(body['content'] ?? null)].flatMap(({ pointer, value }) => {
    if (typeof value === 'string') return uses(value, pointer);
    return isMap(value) ? Object.keys(value).flatMap((key) => uses(key, `${pointer}${makePointer([key])}`)) : [];
  });
}
