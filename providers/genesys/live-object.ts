import type { Address } from '../../state/address.ts';
import { typeOf } from '../../state/address.ts';
import { isMap, type Value } from '../../state/value.ts';
import { type Live, OrgFailure } from '../contract.ts';
import { readDocument } from './documents.ts';
import { nameExternals } from './external-names.ts';
import { wholeObjects } from './fetch-type.ts';
import type { GenesysType } from './genesys-type.ts';
import { type Found, lookUp } from './lookup.ts';
import { addressOf, parentOf } from './natural-key.ts';
import type { RawObject } from './raw-object.ts';
import { isLost, readTexts } from './read-parts.ts';
import { getOne, type Session, typeNamed } from './session.ts';

/** One object by its id, whole; undefined where it is gone. Its address is what it is called now. */
export async function getLive(session: Session, address: Address, id: string): Promise<Live | undefined> {
  const type = typeNamed(typeOf(address));
  const body = type === undefined ? undefined : await getOne(session, type.facts, id, type.query);
  if (type === undefined || body === undefined) return undefined;
  const now = addressOf(type, body, parentOf(type.facts, address)) ?? address;
  return completeLive(session, { type, id, address: now, body, files: new Map() });
}

/** Everything that lives under a key now, each whole. */
export async function findLive(session: Session, address: Address): Promise<readonly Live[]> {
  const type = typeNamed(typeOf(address));
  const found = (await lookUp(session, [address])).get(address) ?? [];
  if (type === undefined) return [];
  const lives = await Promise.all(found.map((each) => completeFound(session, type, address, each)));
  return lives.filter((live) => live !== undefined);
}

/** A row found by name lacks what rows lack; where the query of a list does not give it, a GET does. */
async function completeFound(session: Session, type: GenesysType, address: Address, { id, row }: Found): Promise<Live | undefined> {
  if (Object.keys(type.query).length > 0 && type.parent === undefined) return getLive(session, address, id);
  const [whole] = await wholeObjects(session, type, [{ type, id, address, body: row, files: new Map() }]);
  if (whole === undefined) return undefined;
  if (isLost(whole)) throw whole.failure;
  return toLive(session, whole);
}

async function completeLive(session: Session, raw: RawObject): Promise<Live> {
  const [whole = raw] = await wholeObjects(session, { ...raw.type, isReadEach: false }, [raw]);
  if (isLost(whole)) throw whole.failure;
  return toLive(session, whole);
}

/** A raw object as the rest of Cordboard sees it; ids that nobody has named yet are asked for. Rejects where that is not answered: a bare id is no drift. */
export async function toLive(session: Session, seen: RawObject): Promise<Live> {
  const raw = seen.type.texts.length === 0 ? seen : await readTexts(session, seen);
  session.names.learnAlone(raw.type.name, raw.id, raw.address);
  const first = readDocument(raw, session.names);
  const [problem] = first.misses.length > 0 ? await nameExternals(session, first.misses, () => false) : [];
  if (problem !== undefined) throw new OrgFailure('unclear', problem.message);
  const { document } = first.misses.length > 0 ? readDocument(raw, session.names) : first;
  const createdAt = dateOf(raw.body['dateCreated'] ?? raw.body['createdDate']);
  const createdBy = whoOf(raw.body['createdBy']);
  return {
    address: raw.address,
    id: raw.id,
    document,
    files: raw.files,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(createdBy === undefined ? {} : { createdBy }),
    raw,
  };
}

function dateOf(value: Value | undefined): number | undefined {
  const date = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}

function whoOf(value: Value | undefined): string | undefined {
  const id = isMap(value) ? value['id'] : value;
  return typeof id === 'string' ? id : undefined;
}
