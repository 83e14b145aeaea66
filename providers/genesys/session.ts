import type { Address } from '../../state/address.ts';
import type { Report } from '../../state/notice.ts';
import type { Problem } from '../../state/problem.ts';
import { isMap, type ValueMap } from '../../state/value.ts';
import { fillPath, type OrgClient, type QueryValue } from '../client/org-client.ts';
import { type Listing, readList } from '../client/pages.ts';
import { OrgFailure } from '../contract.ts';
import type { World } from '../world.ts';
import { type Operation, permissionsOf, type TypeFacts } from './facts.ts';
import { type GenesysType, isGenesysType } from './genesys-type.ts';
import type { NameTable } from './name-table.ts';
import { idOf, pathIds, pathParameters } from './natural-key.ts';
import { genesysTypes } from './types.ts';

/** One org under work: how it is reached, and what its ids are called. */
export interface Session {
  readonly client: OrgClient;
  readonly world: Pick<World, 'clock' | 'chance'>;
  readonly names: NameTable;
  readonly report: Report;
  /** Questions under way, so that many who ask at once ask once. */
  readonly asking: Map<string, Promise<unknown>>;
}

/** The answer of whoever asks the same question at this moment, else a new one. */
export async function shared<Answer>(session: Session, question: string, ask: () => Promise<Answer>): Promise<Answer> {
  const known = session.asking.get(question) as Promise<Answer> | undefined;
  if (known !== undefined) return known;
  const asked = ask().finally(() => session.asking.delete(question));
  session.asking.set(question, asked);
  return asked;
}

/** As `shared`, and the answer holds for the whole session; a question that failed is asked anew. */
export async function askedOnce<Answer>(session: Session, question: string, ask: () => Promise<Answer>): Promise<Answer> {
  const known = session.asking.get(question) as Promise<Answer> | undefined;
  if (known !== undefined) return known;
  const asked = ask().catch((failure: unknown) => {
    session.asking.delete(question);
    throw failure;
  });
  session.asking.set(question, asked);
  return asked;
}

export function typeNamed(name: string): GenesysType | undefined {
  const type = genesysTypes.get(name);
  return isGenesysType(type) ? type : undefined;
}

/** All rows of a type's list, of one parent where it has one. */
export async function listRows(
  session: Session,
  facts: TypeFacts,
  parentId: string | undefined,
  query: Readonly<Record<string, QueryValue>>,
): Promise<Listing> {
  if (facts.list === null) return { rows: [], complete: false, why: `the API has no list of ${facts.type}` };
  const parameters = pathParameters(facts.list.path, parentId === undefined ? [] : [parentId]);
  const identify = (row: ValueMap) => idOf(facts, row);
  return readList(session.client, facts.list, { parameters, query, identify });
}

/** The rows of a list that was read whole; any other does not say what is not there, and what seems absent would be made a second time. */
export function wholeRows(facts: TypeFacts, { rows, complete, failure, why }: Listing): readonly ValueMap[] {
  if (failure !== undefined) throw failure;
  if (!complete && facts.list !== null) throw new OrgFailure('refused', `the list of ${facts.type} could not be read whole: ${why ?? 'rows are missing'}`);
  return rows;
}

/** One object as GET gives it; undefined where there is none. */
export async function getOne(session: Session, facts: TypeFacts, id: string, query: Readonly<Record<string, QueryValue>> = {}): Promise<ValueMap | undefined> {
  if (facts.get === null) return undefined;
  const path = fillPath(facts.get.path, pathParameters(facts.get.path, pathIds(facts, id)));
  try {
    const { value } = await session.client.call({ method: 'GET', path, query });
    return isMap(value) && value['state'] !== 'deleted' ? value : undefined;
  } catch (failure) {
    if (failure instanceof OrgFailure && failure.kind === 'gone') return undefined;
    throw failure;
  }
}

/** Why a type could not be read, with the permission to ask for. */
export function readProblem(type: string, failure: OrgFailure, operation: Operation | null, at?: Address): Problem {
  const named = failure.permissions.length > 0 ? failure.permissions.join(' or ') : permissionsOf(operation);
  const isForbidden = failure.kind === 'forbidden';
  return {
    code: isForbidden ? 'PERMISSION_MISSING' : 'NOT_READ',
    severity: 'error',
    message: isForbidden ? `${type} cannot be read: the client lacks ${named ?? 'a permission'}` : `${type} could not be read: ${failure.message}`,
    hint: isForbidden
      ? `give the client's role ${named ?? 'the permission'}, or leave ${type} out`
      : 'try again; if it stays, look at the org with its own tools',
    ...(at === undefined ? {} : { at }),
  };
}
