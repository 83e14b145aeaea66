import { canonicalJson, hashOf } from './canonical.ts';
import { parseJson } from './json.ts';
import { compareText } from './normalise.ts';
import type { Plan } from './plan.ts';
import type { Problem } from './problem.ts';
import { explainSchemaErrors, makeValidator } from './schema-check.ts';
import { PLAN_SCHEMA } from './seal-schema.ts';
import type { Completeness } from './snapshot.ts';
import { isMap, makeMap, type Value, type ValueMap } from './value.ts';

/** The version of the file's form. A file of another version is refused, not guessed at. */
const PLAN_FORMAT = 1;

/** What a plan file says beside the plan: what it was made from, for whom, by whom, and until when it holds. */
export interface SealFacts {
  readonly org: { readonly id: string; readonly name: string };
  /** Name of the tree of manifests. */
  readonly tree: string;
  /** The commit of the manifests; left out where they were not committed. */
  readonly commit?: string;
  /** Version of the tool. */
  readonly tool: string;
  /** Instants, ISO 8601 in UTC. */
  readonly made: string;
  readonly expires: string;
}

/** What a plan file must be, where it is opened. */
export interface SealExpectations {
  readonly org: { readonly id: string; readonly name: string };
  readonly tool: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What came out of a plan file. The plan is there only where there is no problem. */
export interface Opened {
  readonly plan?: Plan;
  readonly facts?: SealFacts;
  /** Digest of the file, for receipts and the journal. */
  readonly digest?: string;
  readonly problems: readonly Problem[];
}

/**
 * A plan as a file: canonical JSON with a digest over all of it. Secrets stand in it by their names, audio by its hash. The digest shows that
 * the file is as it was written; it is no signature.
 */
export function sealPlan(plan: Plan, facts: SealFacts): string {
  const entries = Object.entries(bareContent(plan, facts)).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  const members = entries.map(memberOf);
  const digest = hashOf(objectOf(members));
  return `${objectOf([...members, memberOf(['digest', digest])])}\n`;
}

/** One member of a canonical JSON object, as text. */
function memberOf([key, value]: readonly [string, Value]): string {
  return `${canonicalJson(key)}:${canonicalJson(value)}`;
}

/** The canonical JSON of an object. Members sort as their keys do, since the quote behind a key comes before every letter. */
function objectOf(members: readonly string[]): string {
  return `{${[...members].sort(compareText).join(',')}}`;
}

function bareContent(plan: Plan, facts: SealFacts): Record<string, unknown> {
  return {
    format: PLAN_FORMAT,
    ...facts,
    completeness: { live: toMap(plan.completeness.live), wanted: toMap(plan.completeness.wanted) },
    cycles: plan.cycles,
    living: makeMap(plan.living),
    allowDeletes: plan.allowDeletes,
    problems: plan.problems.map((problem) => withoutUndefined(problem)),
    steps: plan.steps.map((step) => withoutUndefined(step)),
  };
}

function toMap(map: ReadonlyMap<string, Completeness>): ValueMap {
  return makeMap(map);
}

function withoutUndefined(record: object): ValueMap {
  return makeMap(Object.entries(record).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

/** Whether the digest in a plan file is that of all else in it, however the file is laid out. As it was written, only the digest has to be cut out of it. */
function isAsSealed(text: string, content: ValueMap): boolean {
  const { digest } = content;
  if (typeof digest !== 'string') return false;
  const asWritten = text.trimEnd().replace(`,${memberOf(['digest', digest])}`, '');
  return (
    hashOf(asWritten) === digest || hashOf(objectOf(Object.entries(content).flatMap((entry) => (entry[0] === 'digest' ? [] : [memberOf(entry)])))) === digest
  );
}

/** Whether a file that begins so was once sealed, by whatever version and for whatever org: its first members say it, in their one order. */
export function beginsAsPlan(head: string): boolean {
  return /^\{(?:"allowDeletes":(?:\{[^{}]*\}|[^{},]*),)?(?:"commit":"[^"]*",)?"completeness":\{"live":\{/.test(head);
}

/** Reads a plan file and tells everything that is wrong with it at once: not JSON, another form, edited, expired, for another org, by another version. */
export function openPlan(text: string, expected: SealExpectations): Opened {
  const content = readContent(text);
  if (!isMap(content)) return { problems: [problemOf('PLAN_UNREADABLE', 'the plan file is no JSON object', 'plan again')] };
  if (content['format'] !== PLAN_FORMAT) return { problems: [wrongFormat(content['format'])] };
  const formal = explainSchemaErrors(validator(), content, { code: 'PLAN_INVALID', what: 'the plan file' });
  const problems = [
    ...formal,
    ...(isAsSealed(text, content) ? [] : [edited()]),
    ...(formal.length > 0 ? [] : factProblems(content as unknown as SealFacts, expected)),
  ];
  if (problems.length > 0) return { problems };
  return { plan: planOf(content), facts: factsOf(content as unknown as SealFacts), digest: String(content['digest']), problems };
}

function readContent(text: string): Value | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

let compiled: ReturnType<typeof makeValidator> | undefined;
function validator() {
  compiled ??= makeValidator(PLAN_SCHEMA);
  return compiled;
}

function factProblems(facts: SealFacts, expected: SealExpectations): readonly Problem[] {
  const problems: Problem[] = [];
  const expires = Date.parse(facts.expires);
  if (!(expires > expected.now)) problems.push(problemOf('PLAN_EXPIRED', `the plan expired at ${facts.expires}`, 'plan again'));
  if (facts.org.id !== expected.org.id) {
    const message = `the plan was made for the org "${facts.org.name}" (${facts.org.id}), and this is "${expected.org.name}" (${expected.org.id})`;
    problems.push(problemOf('PLAN_OTHER_ORG', message, 'apply it to the org that it was made for, or plan for this one'));
  }
  if (facts.tool !== expected.tool) {
    problems.push(problemOf('PLAN_OTHER_VERSION', `the plan was made by version ${facts.tool}, and this is ${expected.tool}`, 'plan again with this version'));
  }
  return problems;
}

/** What the schema has found in order, as it stands in the file: maps as objects. */
type PlanContent = Omit<Plan, 'completeness' | 'living'> & {
  readonly completeness: Record<'live' | 'wanted', Record<string, Completeness>>;
  readonly living: Record<string, number>;
};

function planOf(content: ValueMap): Plan {
  const plan = content as unknown as PlanContent;
  return {
    steps: plan.steps,
    problems: plan.problems,
    cycles: plan.cycles,
    living: new Map(Object.entries(plan.living)),
    ...(plan.allowDeletes === undefined ? {} : { allowDeletes: plan.allowDeletes }),
    completeness: { live: new Map(Object.entries(plan.completeness.live)), wanted: new Map(Object.entries(plan.completeness.wanted)) },
  };
}

function factsOf({ org, tree, commit, tool, made, expires }: SealFacts): SealFacts {
  return { org, tree, tool, made, expires, ...(commit === undefined ? {} : { commit }) };
}

function wrongFormat(format: Value | undefined): Problem {
  const found = typeof format === 'number' ? `form ${format}` : 'no form that this version knows';
  return problemOf('PLAN_FORMAT', `the plan file has ${found}, and this version reads form ${PLAN_FORMAT}`, 'plan again with this version');
}

function edited(): Problem {
  return problemOf('PLAN_EDITED', 'the plan file is not as it was sealed: its digest does not fit its content', 'plan again; a plan is never edited by hand');
}

function problemOf(code: string, message: string, hint: string): Problem {
  return { code, severity: 'error', message, hint };
}
