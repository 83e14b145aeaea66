import { keyParts } from '../../state/address.ts';
import { declare } from './declare.ts';
import { placeholderContent } from './flow-content.ts';

/** A flow of Architect. What it does stands in a file of its own that is published and exported by jobs; the API's object is state. */
export const flow = declare({
  type: 'flow',
  only: ['/division'],
  lowerCaseKeys: ['type'],
  fixedKeyFields: ['type'],
  listQuery: { deleted: false },
  movedAs: 'FLOW',
  deferrable: ['/content'],
  parts: [{ kind: 'published', at: '/content' }],
  placeholder: ({ address }) => {
    const [name = '', type = ''] = keyParts(address) ?? [];
    return placeholderContent(type, name);
  },
});
