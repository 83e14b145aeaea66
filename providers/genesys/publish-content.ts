import { type Address, HOME, keyOf, keyParts, parseAddress } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { asDirective, isMap, type ValueMap } from '../../state/value.ts';
import { OrgFailure } from '../contract.ts';
import { factsOf } from './facts.ts';
import { printFlow } from './flow-file.ts';
import { publishFlow } from './flow-jobs.ts';
import { idsOf } from './lookup.ts';
import type { PartChange } from './part-change.ts';
import { literalOf, type RequestContext } from './request-body.ts';
import { askedOnce, getOne, type Session } from './session.ts';

/**
 * Publishes a flow's content where it differs. A placeholder comes over a live flow only where a step of a plan takes its content out, before the
 * flow itself goes; whoever only defers the content says what lives (`aimOf`).
 */
export async function publishContent(at: string, change: PartChange): Promise<boolean> {
  const { session, document, id } = change;
  const content = change.wanted[at.slice(1)];
  if (!isMap(content)) throw new OrgFailure('refused', `${document.address} is published, and a flow cannot be unpublished; give it content or delete it`);
  const published = await publishFlow(session, await fileOf(session, document, content, change.context));
  if (published !== id)
    throw new OrgFailure('refused', `${document.address} was published as another flow (id ${published}, not ${id}): look at both in the org`);
  return true;
}

/** The file to publish for a document: with its name from the key and its division by name. */
export async function fileOf(session: Session, document: Document, content: ValueMap, context: RequestContext): Promise<string> {
  const [name = ''] = keyParts(document.address) ?? [];
  const plain = literalOf(content, context);
  return printFlow(plain, { name, division: await divisionName(session, document) });
}

/** Architect knows divisions by name; the home division has its own in every org. */
async function divisionName(session: Session, document: Document): Promise<string> {
  const { division } = document.body;
  const told = asDirective(division)?.value ?? (typeof division === 'string' ? division : `auth_division/${HOME}`);
  const address = parseAddress(told);
  // A flow is published into the division that its file names, so one that has no name is not taken for the home division.
  if (address === undefined) throw new OrgFailure('refused', `${document.address} cannot be published: its division "${told}" is no resource that has a name`);
  const name = keyOf(address) === HOME ? undefined : keyParts(address)?.[0];
  if (name !== undefined) return name;
  return askedOnce(session, 'name of the home division', () => homeName(session, address));
}

async function homeName(session: Session, home: Address): Promise<string> {
  const [id = ''] = (await idsOf(session, [home])).get(home) ?? [];
  const division = await getOne(session, factsOf('auth_division'), id);
  if (typeof division?.['name'] !== 'string')
    throw new OrgFailure('refused', 'the home division of the org cannot be read, and a flow is published by its name');
  return division['name'];
}
