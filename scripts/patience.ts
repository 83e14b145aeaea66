import type { Patience } from '../providers/reconciler/site.ts';
import type { OrgSettings } from './config.ts';

/** How long the reconciler waits for this org, where its configuration says so: a practice org's, whose faults are known. */
export function patienceWith({ patience }: OrgSettings): { readonly patience?: Partial<Patience> } {
  if (patience === undefined) return {};
  return { patience: Object.fromEntries(Object.entries(patience).map(([name, seconds]) => [name, seconds * 1_000])) };
}
