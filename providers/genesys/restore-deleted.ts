import type { Address } from '../../state/address.ts';
import { getAt } from '../../state/pointer.ts';
import { makeMap } from '../../state/value.ts';
import { fillPath } from '../client/org-client.ts';
import type { Live } from '../contract.ts';
import { toPattern } from './facts.ts';
import type { GenesysType } from './genesys-type.ts';
import { getLive } from './live-object.ts';
import { addressOf, pathParameters } from './natural-key.ts';
import { listRows, type Session, wholeRows } from './session.ts';

/** Brings back a soft-deleted object of this key, with what it held; undefined where there is none, or several. */
export async function restoreDeleted(session: Session, type: GenesysType, address: Address): Promise<Live | undefined> {
  const { restorable, facts } = type;
  if (restorable === undefined || facts.update === null) return undefined;
  const rows = wholeRows(facts, await listRows(session, facts, undefined, { [restorable.field]: restorable.deleted }));
  const [row, ...others] = rows.filter((candidate) => candidate[restorable.field] === restorable.deleted && addressOf(type, candidate) === address);
  if (row === undefined || others.length > 0) return undefined;
  const id = String(row['id']);
  const { versionPath } = facts;
  const version = versionPath === undefined ? undefined : getAt(row, toPattern(versionPath));
  const lock = versionPath === undefined || version === undefined ? [] : [[versionPath, version] as const];
  await session.client.call({
    method: 'PATCH',
    path: fillPath(facts.update.path, pathParameters(facts.update.path, [id])),
    body: makeMap([[restorable.field, restorable.live], ...lock]),
  });
  return getLive(session, address, id);
}
