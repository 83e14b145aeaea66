import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseJson } from '../state/json.ts';
import { getAt } from '../state/pointer.ts';
import { type Problem, Refused } from '../state/problem.ts';
import { beginsAsPlan, type Opened, openPlan, sealPlan } from '../state/seal.ts';
import type { Planned } from './planning.ts';
import type { Site } from './site.ts';
import { VERSION } from './version.ts';

const MINUTE = 60_000;
const DEFAULT_MINUTES = 60;
/** A plan of 100,000 steps has less than this; a file beyond it is none of ours. */
const MAX_BYTES = 1024 * 1024 * 1024;

/** A plan file whose own digest, form and expiry are right; whether the org is the one that it was made for is still to be seen. */
export interface PlanFile {
  readonly text: string;
  /** The org by its name in `cordboard.yaml`. */
  readonly orgName: string;
}

/** Refuses to seal a plan into what is there and is none: a folder, or a file that holds something else. Asked before the org is. */
export function refuseOtherFile(file: string | undefined): void {
  const wrong = file === undefined ? undefined : whatElse(file);
  if (wrong === undefined) return;
  throw new Refused([{ code: 'PLAN_TARGET', severity: 'error', message: `"${file}" ${wrong}`, hint: 'name another file with --out' }]);
}

/** What a file is, where that is no place for a plan; a file without content is one. */
function whatElse(file: string): string | undefined {
  try {
    const found = statSync(resolve(file), { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (found.isDirectory()) return 'is a folder';
    if (!found.isFile()) return 'is no file that could be replaced';
    return found.size === 0 || beginsAsPlan(headOf(file)) ? undefined : 'is no plan, and would be lost';
  } catch (error) {
    return `cannot be written: ${(error as Error).message}`;
  }
}

function headOf(file: string): string {
  const head = Buffer.alloc(4096);
  const open = openSync(resolve(file), 'r');
  try {
    return head.toString('utf8', 0, readSync(open, head));
  } finally {
    closeSync(open);
  }
}

/** Seals a plan into a file, readable by its owner alone. */
export async function sealToFile(site: Site, file: string, planned: Planned): Promise<void> {
  const now = site.world.clock.now();
  const { settings, identity } = planned.session;
  const text = sealPlan(planned.plan, {
    org: { id: identity.id, name: settings.name },
    tree: planned.source,
    ...(planned.commit === undefined ? {} : { commit: planned.commit }),
    tool: VERSION,
    made: new Date(now).toISOString(),
    expires: new Date(now + (settings.policy.expires ?? DEFAULT_MINUTES) * MINUTE).toISOString(),
  });
  await site.world.disk.replace(resolve(file), text, { mode: 0o600, durable: true });
  site.view.print({ record: 'saved', what: 'plan', at: file });
}

/** Reads a plan file and refuses it for everything that shows without asking an org. */
export function readPlanFile(site: Site, file: string): PlanFile {
  const text = readText(file);
  const org = claimedOrg(text);
  const { problems } = openPlan(text, { org, tool: VERSION, now: site.world.clock.now() });
  if (problems.length > 0) throw new Refused(problems.map((problem) => ({ ...problem, place: { file: resolve(file) } })));
  return { text, orgName: org.name };
}

/** Opens a plan file for the org that answered; refuses it for any other. */
export function openFor(site: Site, file: PlanFile, id: string): Required<Omit<Opened, 'problems'>> {
  const { plan, facts, digest, problems } = openPlan(file.text, { org: { id, name: file.orgName }, tool: VERSION, now: site.world.clock.now() });
  if (plan === undefined || facts === undefined || digest === undefined) throw new Refused(problems);
  return { plan, facts, digest };
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > MAX_BYTES) throw new Error(`it has ${bytes.length} bytes`);
    return bytes.toString('utf8');
  } catch (error) {
    throw new Refused([unreadable(file, error as Error)]);
  }
}

function unreadable(file: string, error: Error): Problem {
  const message = `cannot read the plan "${file}": ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : error.message}`;
  return { code: 'PLAN_UNREADABLE', severity: 'error', message, hint: 'cordboard plan --org <name> --out <file>' };
}

/** What the file says of its org, not yet believed. */
function claimedOrg(text: string): { readonly id: string; readonly name: string } {
  const value = readJson(text);
  const field = (name: string): string => {
    const found = getAt(value, `/org/${name}`);
    return typeof found === 'string' ? found : '';
  };
  return { id: field('id'), name: field('name') };
}

function readJson(text: string): ReturnType<typeof parseJson> | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
