import { typeOf } from '../../state/address.ts';
import { isMap } from '../../state/value.ts';
import { openClient } from '../client/open-client.ts';
import { OrgFailure, type OrgIdentity, type OrgReader, type Platform } from '../contract.ts';
import { documentSchema } from './body-schema.ts';
import { findLive, getLive } from './live-object.ts';
import { lookUp } from './lookup.ts';
import { NameTable } from './name-table.ts';
import { readSnapshot } from './reader.ts';
import { findReferrers } from './referrers.ts';
import type { Session } from './session.ts';
import { genesysTypes } from './types.ts';
import { createObject, removeObject, updateObject, type Writing } from './writer.ts';

/** Genesys Cloud, as the rest of Cordboard sees it. */
export const genesys: Platform = {
  name: 'genesys',
  types: genesysTypes,
  documentSchema(name) {
    const type = genesysTypes.get(name);
    return type === undefined ? undefined : documentSchema(type);
  },
  openReader(world, connection, report) {
    const client = openClient(world, connection, { mode: 'read', report });
    return readerOf({ client, world, report, names: new NameTable(), asking: new Map() });
  },
  openWriter(world, connection, report, secrets) {
    const client = openClient(world, connection, { mode: 'write', report });
    const session: Session = { client, world, report, names: new NameTable(), asking: new Map() };
    const writing: Writing = { session, secrets };
    return {
      ...readerOf(session),
      create: (document) => createObject(writing, document),
      update: (live, document, files) => updateObject(writing, live, document, files),
      remove: (live) => removeObject(writing, live),
    };
  },
};

/** Every method stands alone, so that a reader may be spread into a writer. */
function readerOf(session: Session): OrgReader {
  return {
    identity: () => readIdentity(session),
    read: (types, report) => readSnapshot(session, types, report),
    async locate(addresses) {
      const found = await lookUp(session, addresses);
      for (const [address, objects] of found) for (const { id } of objects) session.names.learnOutside(typeOf(address), id, address);
      return new Map([...found].map(([address, objects]) => [address, objects.map(({ id }) => id)]));
    },
    referrers: (going) => findReferrers(session, going),
    find: (address) => findLive(session, address),
    get: (address, id) => getLive(session, address, id),
  };
}

async function readIdentity(session: Session): Promise<OrgIdentity> {
  const { value } = await session.client.call({ method: 'GET', path: '/api/v2/organizations/me' });
  const { id, name } = isMap(value) ? value : { id: undefined, name: undefined };
  if (typeof id !== 'string' || typeof name !== 'string') throw new OrgFailure('refused', 'the org did not say who it is (GET /api/v2/organizations/me)');
  return { id, name };
}
