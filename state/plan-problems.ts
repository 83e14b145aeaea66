import { type Address, typeOf } from './address.ts';
import type { Matching } from './match.ts';
import { compareText } from './normalise.ts';
import type { PlanRequest } from './plan-request.ts';
import type { Problem } from './problem.ts';
import { completenessOf, findVariables, makeRefChecker, missingVariable } from './remap.ts';
import type { LiveSnapshot } from './snapshot.ts';

/** All that keeps documents from being planned and is not told by matching or ordering. */
export function findProblems({ wanted, live, types, externals }: PlanRequest, { matches }: Matching): readonly Problem[] {
  const checkRefs = makeRefChecker({ tree: wanted, types, org: { live, externals } });
  const told = new Set(wanted.problems.filter((problem) => problem.code === 'VAR_NOT_SET').map((problem) => problem.at));
  const found: Problem[] = [];
  const notRead = new Map<string, Address[]>();
  for (const document of [...wanted.documents.values()].sort((left, right) => compareText(left.address, right.address))) {
    const { address } = document;
    const type = types.get(typeOf(address));
    if (type === undefined) {
      found.push(unknownType(address));
      continue;
    }
    found.push(...checkRefs(document, type));
    if (!told.has(address)) found.push(...findVariables(document, type).map((miss) => missingVariable(address, miss, new Map())));
    const isMissing = matches.get(address)?.live === undefined && matches.has(address);
    if (isMissing && completenessOf(live, type.name) !== 'whole' && externals.get(address)?.length !== 0) {
      notRead.set(type.name, [...(notRead.get(type.name) ?? []), address]);
    }
  }
  return [...found, ...[...notRead].flatMap(([type, addresses]) => addresses.map((address) => notReadProblem(type, address, live)))];
}

function unknownType(address: Address): Problem {
  return {
    code: 'UNKNOWN_TYPE',
    severity: 'error',
    at: address,
    message: `"${typeOf(address)}" is no type that this version knows`,
    hint: 'see "cordboard check"',
  };
}

function notReadProblem(type: string, address: Address, live: LiveSnapshot): Problem {
  const how = completenessOf(live, type) === 'part' ? 'only in part' : 'not at all';
  return {
    code: 'TYPE_NOT_READ',
    severity: 'error',
    at: address,
    message: `whether "${address}" lives in the org cannot be told: the type "${type}" was read ${how}`,
    hint: 'see the other problems of this type; give the client the permission that it lacks, and plan again',
  };
}
