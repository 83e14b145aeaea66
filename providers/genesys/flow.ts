import { keyParts } from '../../state/address.ts';
import { declare } from './declare.ts';
import { parseFlow, parseFlowOf, placeholderFlow, printFlow } from './flow-file.ts';
import { rootKeyOfType } from './flow-names.ts';

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
  placeholder: ({ address }) => placeholderFlow(rootKeyOfType(keyParts(address)?.[1] ?? '')),
});

function nameIn(address: Parameters<typeof keyParts>[0]): { readonly name?: string } {
  const [name] = keyParts(address) ?? [];
  return name === undefined ? {} : { name };
}
