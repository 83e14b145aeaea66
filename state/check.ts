import { type Address, keyOf, typeOf } from './address.ts';
import { findClearSecrets } from './clear-secrets.ts';
import type { Document } from './document.ts';
import { oldAddress } from './find-claims.ts';
import { buildGraph } from './graph.ts';
import { nearest } from './nearest.ts';
import { compareText } from './normalise.ts';
import { orderGraph } from './order-graph.ts';
import { sharedValues } from './plan-yields.ts';
import { isUnder } from './pointer.ts';
import type { Problem } from './problem.ts';
import { sortProblems } from './problem-order.ts';
import { isAlwaysThere } from './refs.ts';
import { findLeftoverIds, findVariables, makeRefChecker, resolveVariables } from './remap.ts';
import { findReserved } from './reserved-fields.ts';
import type { ResourceType, TypeTable } from './resource-type.ts';
import { explainSchemaErrors, makeValidator, type Validator } from './schema-check.ts';
import type { Snapshot } from './snapshot.ts';
import type { Value } from './value.ts';

export interface CheckOptions {
  /** Values of `$var` for the org in question; without them a `$var` is believed. */
  readonly vars?: ReadonlyMap<string, Value>;
  /** False where the tree has to stand alone. Left out: `$external` is believed. */
  readonly externalsAllowed?: boolean;
}

/**
 * Everything that is wrong with a tree and can be told without an org, all at once, in order of address: fields against each type's schema,
 * refs, cycles that nothing can cut, names that differ only in case, `was` and `ignore`, variables, ids of some org, secrets in clear text,
 * and what each type's own reading finds. Problems that the tree brings along come with them.
 */
export function checkTree(tree: Snapshot, types: TypeTable, options: CheckOptions = {}): readonly Problem[] {
  const resolved = options.vars === undefined ? tree : resolveVariables(tree, types, options.vars);
  const checkRefs = makeRefChecker({
    tree: resolved,
    types,
    ...(options.externalsAllowed === undefined ? {} : { externalsAllowed: options.externalsAllowed }),
  });
  const problems: Problem[] = [...resolved.problems, ...findCaseTwins(resolved, types), ...findSharedRenames(resolved), ...sharedValues(resolved, types)];
  for (const document of inOrder(resolved.documents)) {
    const type = types.get(typeOf(document.address));
    if (type === undefined) problems.push(unknownType(document.address, types));
    else problems.push(...checkDocument(document, type), ...checkRefs(document, type), ...checkDirectives(document, type, resolved));
  }
  return sortProblems([...problems, ...orderGraph(buildGraph(resolved.documents, types)).problems]);
}

function inOrder(documents: ReadonlyMap<Address, Document>): readonly Document[] {
  return [...documents.values()].sort((left, right) => compareText(left.address, right.address));
}

const validators = new WeakMap<ResourceType, Validator>();

function validatorOf(type: ResourceType): Validator {
  const known = validators.get(type) ?? makeValidator(type.schema());
  validators.set(type, known);
  return known;
}

/** What is wrong with one document by itself. */
function checkDocument(document: Document, type: ResourceType): readonly Problem[] {
  const secrets = findClearSecrets(document, type);
  const unresolved = findVariables(document, type).map(({ pointer }) => pointer);
  const isTold = (problem: Problem) => {
    const pointer = problem.pointer ?? '';
    return unresolved.some((place) => isUnder(pointer, place)) || secrets.some((secret) => secret.pointer === pointer && secret.severity === 'error');
  };
  const formal = explainSchemaErrors(validatorOf(type), document.body, { code: 'SCHEMA', what: `"${document.address}"`, mayGrow: true }).filter(
    (problem) => !isTold(problem),
  );
  const reserved = findReserved(
    document,
    type,
    formal.filter(({ code }) => code === 'UNKNOWN_FIELD'),
  );
  const unreserved = formal.filter(({ pointer }) => !reserved.some((problem) => problem.pointer === pointer));
  const own = [...unreserved, ...reserved, ...checkName(document), ...(type.check?.(document) ?? [])];
  return [...own.map((problem) => ({ at: document.address, ...problem })), ...findLeftoverIds(document, type), ...secrets];
}

/** Control characters, and those that turn the direction of text, would let a name look like another on a terminal. */
const HOSTILE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/u;

function checkName({ address }: Document): readonly Problem[] {
  if (!HOSTILE.test(address)) return [];
  const shown = JSON.stringify(keyOf(address)).replace(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [{ code: 'NAME_HOSTILE', severity: 'error', message: `the key ${shown} holds control characters`, hint: 'rename it' }];
}

/** Directives about the document itself: `was` and `ignore`. */
function checkDirectives(document: Document, type: ResourceType, tree: Snapshot): readonly Problem[] {
  const make = (code: string, message: string, hint: string, severity: Problem['severity'] = 'error'): Problem => ({
    code,
    severity,
    at: document.address,
    message,
    hint,
  });
  const problems = (document.ignore ?? [])
    .filter((pattern) => !pattern.startsWith('/'))
    .map((pattern) => make('IGNORE_MALFORMED', `"${pattern}" under "ignore" is no pointer`, 'a pointer starts with a slash, such as /description'));
  if (document.was === undefined || document.was === 'none') return problems;
  const from = oldAddress(document);
  if (isAlwaysThere(document.address)) problems.push(make('WAS_MISUSED', 'this resource has no name that could change', 'take "was" out'));
  else if (from === undefined)
    problems.push(make('WAS_MISUSED', `"was: ${document.was}" is no key`, 'write the old key as it stood in the "key" line, or "none"'));
  else if (from === document.address) problems.push(make('WAS_MISUSED', `"was: ${document.was}" is the key that the document has`, 'take "was" out'));
  else if (!type.isRenamable)
    problems.push(
      make(
        'WAS_MISUSED',
        'the key of this type cannot change: a rename is a replacement, which is held unless deletions are allowed',
        'plan with --allow-deletes N, or create the new one and remove the old one by hand',
        'warning',
      ),
    );
  else if (tree.documents.get(from)?.was === undefined && tree.documents.has(from)) {
    problems.push(
      make(
        'WAS_STILL_THERE',
        `"was: ${document.was}" declares a rename, but "${from}" is still in these manifests`,
        'take "was" out, or remove the other document',
        'warning',
      ),
    );
  }
  return problems;
}

/** Two documents cannot both have been the same one. */
function findSharedRenames(tree: Snapshot): readonly Problem[] {
  const groups = groupBy(
    [...tree.documents.values()].filter((document) => oldAddress(document) !== undefined),
    (document) => oldAddress(document) ?? '',
  );
  return groups.flatMap((group) =>
    group.map((document): Problem => {
      const others = group.filter((other) => other !== document).map((other) => `"${other.address}"`);
      return {
        code: 'WAS_SHARED',
        severity: 'error',
        at: document.address,
        message: `"was: ${document.was}" is said by ${others.join(' and ')} as well`,
        hint: 'keep it in one of them',
      };
    }),
  );
}

/** Keys that an org or a file system may take for one. An error only where the org enforces its keys; keys below a parent (rows of a table) are data, in which case counts. */
function findCaseTwins(tree: Snapshot, types: TypeTable): readonly Problem[] {
  const groups = groupBy([...tree.documents.values()], ({ address }) => address.normalize('NFC').toLowerCase());
  return groups.flatMap((group) =>
    group.map(({ address }): Problem => {
      const others = group.filter((other) => other.address !== address).map((other) => `"${other.address}"`);
      const type = types.get(typeOf(address));
      const isEnforced = type?.isKeyEnforced === true && type.parent === undefined;
      return {
        code: 'CASE_TWINS',
        severity: isEnforced ? 'error' : 'warning',
        at: address,
        message: `"${address}" and ${others.join(' and ')} differ only in upper and lower case or in how their letters are composed`,
        hint: 'rename all but one of them',
      };
    }),
  );
}

/** Groups of more than one. */
function groupBy(documents: readonly Document[], key: (document: Document) => string): readonly (readonly Document[])[] {
  const groups = new Map<string, Document[]>();
  for (const document of documents) {
    const group = groups.get(key(document));
    if (group === undefined) groups.set(key(document), [document]);
    else group.push(document);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function unknownType(address: Address, types: TypeTable): Problem {
  const near = nearest(typeOf(address), types.keys());
  return {
    code: 'UNKNOWN_TYPE',
    severity: 'error',
    at: address,
    message: `"${typeOf(address)}" is no type that this version knows`,
    hint: near === undefined ? 'take the document out of these manifests' : `did you mean "${near}"?`,
  };
}
