import { type Address, keyOf, typeOf } from './address.ts';
import type { Claim, Sides } from './claim.ts';
import { diffDocuments } from './diff.ts';
import type { Problem } from './problem.ts';
import { type Renames, renamedDocument } from './renames.ts';

/** Renames that belong together, since each one's old name is the next one's new name, and a document has the last old name too. */
interface Line {
  /** Those who claim, each the name of the next; in a ring the last one that of the first. */
  readonly claimants: readonly Address[];
  /** Every name of it that a document has. */
  readonly names: readonly Address[];
  readonly isRing: boolean;
}

/**
 * Renames to names that a document has again look alike before and after: rings, and names that were given on. Where nothing is remembered of them
 * the bodies tell, and only where they do it clearly: at least one document is word for word what lives if they were carried out (or if they were
 * not), and none is the other way round. Else it is a problem of each of their documents, and nothing is claimed.
 */
export function settleUntold(sides: Sides, claims: Map<Address, Claim>, problems: Problem[]): void {
  const renames: Renames = new Map([...claims].map(([address, { from }]) => [from, address]));
  const untold = findLines(sides, claims).filter(({ names }) => !names.some((name) => sides.memory?.documents.has(name) === true));
  const told = untold.map((line) => [line, readBodies(line, { sides, claims, renames })] as const);
  for (const [{ claimants, names, isRing }, state] of told) {
    if (state === 'open') continue;
    for (const address of claimants) claims.delete(address);
    if (state === 'unclear') problems.push(...names.map((address) => unclear(address, { claimants, isRing }, sides)));
  }
}

function findLines({ wanted, live }: Sides, claims: ReadonlyMap<Address, Claim>): readonly Line[] {
  const taken = new Set([...claims.values()].map(({ from }) => from));
  const seen = new Set<Address>();
  const heads = [...claims.keys()].filter((address) => !taken.has(address)).sort();
  return [...heads, ...[...claims.keys()].sort()].flatMap((head): Line[] => {
    const claimants: Address[] = [];
    let at = head;
    for (let claim = claims.get(at); claim !== undefined && !seen.has(at); claim = claims.get(at)) {
      seen.add(at);
      claimants.push(at);
      at = claim.from;
    }
    if (claimants.length === 0) return [];
    if (at === head) return [{ claimants, names: claimants, isRing: true }];
    return wanted.documents.has(at) && live.documents.has(at) ? [{ claimants, names: [...claimants, at], isRing: false }] : [];
  });
}

interface Reading {
  readonly sides: Sides;
  readonly claims: ReadonlyMap<Address, Claim>;
  readonly renames: Renames;
}

/** What the bodies say of the renames: that they were carried out, that they are yet to be, or nothing that could be relied on. */
function readBodies({ claimants, names }: Line, { sides, claims, renames }: Reading): 'done' | 'open' | 'unclear' {
  const isLike = (lives: Address, address: Address): boolean => {
    const [there, document, type] = [sides.live.documents.get(lives), sides.wanted.documents.get(address), sides.types.get(typeOf(address))];
    if (there === undefined || document === undefined || type === undefined) return false;
    // What it refers to may have been renamed before or not.
    return [there, renamedDocument(there, renames, sides.types)].some((one) => diffDocuments(one, document, type).length === 0);
  };
  const isSomeDone = names.some((address) => isLike(address, address));
  const isSomeOpen = claimants.some((address) => isLike(claims.get(address)?.from ?? address, address));
  if (isSomeDone === isSomeOpen) return 'unclear';
  return isSomeDone ? 'done' : 'open';
}

function unclear(address: Address, { claimants, isRing }: Pick<Line, 'claimants' | 'isRing'>, { wanted }: Sides): Problem {
  const said = claimants.map((one) => `"${keyOf(one)}" was "${wanted.documents.get(one)?.was ?? ''}"`).join(', ');
  const how = isRing ? 'all these names live' : 'the last of these names lives, and a document has it again';
  return {
    code: 'RENAME_UNCLEAR',
    severity: 'error',
    at: address,
    message: `whether this rename was carried out cannot be told (${said}): ${how}, nothing of it is remembered here, and what lives fits neither or both`,
    hint:
      'if it was applied, take the "was" lines out, or fetch what is remembered: git fetch origin "refs/cordboard/*:refs/cordboard/*"; ' +
      'if it was not, apply the manifests as they were before it, so that they are remembered, and then these',
  };
}
