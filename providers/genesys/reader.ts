import { type Address, keyOf } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import type { Report } from '../../state/notice.ts';
import type { Problem } from '../../state/problem.ts';
import type { Completeness, FileContent, LiveSnapshot } from '../../state/snapshot.ts';
import type { Miss } from './canonical-body.ts';
import { readDocument } from './documents.ts';
import { nameExternals, nameTexts } from './external-names.ts';
import { type FetchedType, fetchTypes } from './fetch-type.ts';
import type { NameTable } from './name-table.ts';
import type { RawObject } from './raw-object.ts';
import type { Session } from './session.ts';

/** Reads all of the named types, ids into names over all of them at the end, so that the order of reading does not matter. */
export async function readSnapshot(session: Session, types: readonly string[], report: Report): Promise<LiveSnapshot> {
  const fetched = await fetchTypes(session, types, report);
  const { alive, twins } = byAddress(fetched);
  learnNames(session, fetched);
  const wanted = new Set(types);
  const shown = [...alive.values()].filter((raw) => wanted.has(raw.type.name));
  const { documents, problems } = await readDocuments(session, shown, fetched);
  return {
    documents,
    completeness: new Map(types.map((type) => [type, completenessOf(fetched.get(type))])),
    files: filesOf(shown),
    twins: new Map([...twins].filter(([, raws]) => wanted.has(raws[0]?.type.name ?? '')).map(([address, raws]) => [address, raws.map(({ id }) => id).sort()])),
    problems: [...problems, ...[...fetched.values()].flatMap((each) => each.problems), ...twinProblems(twins, wanted)],
    ids: new Map([...alive].map(([address, { id }]) => [address, id])),
    deleted: deletedOf(fetched, alive),
  };
}

function completenessOf(fetched: FetchedType | undefined): Completeness {
  return fetched?.completeness ?? 'none';
}

/** Objects by address; several of one address are twins and none of them has a document. */
function byAddress(fetched: ReadonlyMap<string, FetchedType>) {
  const groups = new Map<Address, RawObject[]>();
  for (const { objects, incomplete } of fetched.values()) {
    for (const raw of [...objects, ...incomplete]) {
      const group = groups.get(raw.address);
      if (group === undefined) groups.set(raw.address, [raw]);
      else group.push(raw);
    }
  }
  const whole = new Set([...fetched.values()].flatMap(({ objects }) => objects));
  const alive = new Map<Address, RawObject>();
  const twins = new Map<Address, readonly RawObject[]>();
  for (const [address, group] of groups) {
    const [first] = group;
    if (group.length > 1) twins.set(address, group);
    else if (first !== undefined && whole.has(first)) alive.set(address, first);
  }
  return { alive, twins };
}

/** A plan says more of those that it wants; an export leaves them out. */
function twinProblems(twins: ReadonlyMap<Address, readonly RawObject[]>, wanted: ReadonlySet<string>): readonly Problem[] {
  return [...twins].flatMap(([at, raws]): Problem[] =>
    wanted.has(raws[0]?.type.name ?? '')
      ? [
          {
            code: 'KEY_SHARED',
            severity: 'warning',
            at,
            message: `${raws.length} resources in the org are called "${keyOf(at)}", and none of them is read: ${raws
              .map(({ id }) => id)
              .sort()
              .join(', ')}`,
            hint: 'rename all but one of them in the org',
          },
        ]
      : [],
  );
}

function learnNames(session: Session, fetched: ReadonlyMap<string, FetchedType>): void {
  for (const [type, { objects, incomplete, deleted, isAsked }] of fetched) {
    const name = isAsked ? '$ref' : '$external';
    for (const raw of [...objects, ...incomplete]) session.names.learn(type, raw.id, name, raw.address);
    for (const raw of deleted) session.names.learnDeleted(type, raw.id, raw.address);
  }
}

async function readDocuments(session: Session, shown: readonly RawObject[], fetched: ReadonlyMap<string, FetchedType>) {
  const first = shown.map((raw) => ({ raw, ...readDocument(raw, session.names) }));
  const misses = first.flatMap((each) => each.misses);
  const isRead = (type: string) => fetched.get(type)?.completeness === 'whole';
  const problems = [...(await nameExternals(session, misses, isRead))];
  await nameTexts(session, misses, isRead);
  const documents = new Map<Address, Document>();
  for (const { raw, document, misses: before } of first) {
    const again = before.length === 0 ? { document, misses: [] } : readDocument(raw, session.names);
    documents.set(raw.address, again.document);
    problems.push(...again.misses.map((miss) => unnamedProblem(raw.address, miss, session.names)));
  }
  return { documents, problems: unique(problems) };
}

/** An id that nothing claims stands in the document, and is told with what it may have been meant for. */
function unnamedProblem(at: Address, { pointer, id, types }: Miss, names: NameTable): Problem {
  const isRef = types.length > 0;
  const near = names.near(id);
  const guess =
    near === undefined
      ? ''
      : `${near.isSame ? 'in other letters it is the id of' : near.isDeleted ? 'it was' : 'the nearest id is that of'} "${near.address}"${near.isDeleted ? ', which is deleted' : ''}; `;
  return {
    code: isRef ? 'REF_DANGLING' : 'ID_UNKNOWN',
    severity: 'warning',
    message: isRef
      ? `"${id}" is no ${types.join(' or ')} that this client can see`
      : `"${id}" looks like an id of this org, and no resource that was read has it`,
    hint: isRef
      ? `${guess}it may be deleted, or the client may not read it`
      : `${guess}write { $external: type/key } or \${ref:type/key} for what the target must hold, { $var: name } for what differs in each org, or add the path to \`ignore\``,
    at,
    pointer,
  };
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.at} ${problem.pointer} ${problem.message}`, problem])).values()];
}

function filesOf(raws: readonly RawObject[]): ReadonlyMap<string, FileContent> {
  return new Map(raws.flatMap(({ files }) => [...files]));
}

function deletedOf(fetched: ReadonlyMap<string, FetchedType>, alive: ReadonlyMap<Address, RawObject>): ReadonlySet<Address> {
  const addresses = [...fetched.values()].flatMap(({ deleted }) => deleted.map(({ address }) => address));
  return new Set(addresses.filter((address) => !alive.has(address)));
}
