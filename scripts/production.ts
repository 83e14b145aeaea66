import type { Problem } from '../state/problem.ts';
import type { OrgSettings } from './config.ts';

/** What somebody did to have a production org written. */
export interface Consent {
  /** The commit of the manifests; absent where they are not committed as they are. */
  readonly commit: string | undefined;
  /** The org that was named as the one that is meant. */
  readonly confirm: string | undefined;
  /** How to name it, for the hint. */
  readonly way: string;
}

/** What an org of role production refuses that others do not; asked by every driver before its first write. */
export function productionProblems(settings: OrgSettings, { commit, confirm, way }: Consent): readonly Problem[] {
  if (settings.role !== 'production') return [];
  const refuse = (code: string, message: string, hint: string): Problem => ({ code, severity: 'error', message, hint, place: settings.place });
  const name = settings.name;
  return [
    ...(settings.pinned === undefined
      ? [refuse('PRODUCTION_NOT_PINNED', `"${name}" is a production org and is not pinned`, 'add its id and name in cordboard.yaml')]
      : []),
    ...(commit === undefined
      ? [refuse('PRODUCTION_NOT_COMMITTED', `the plan for the production org "${name}" is of manifests that are not committed`, 'commit them, then plan again')]
      : []),
    ...(confirm === name ? [] : [refuse('PRODUCTION_NOT_CONFIRMED', `"${name}" is a production org`, `if it is meant: ${way}`)]),
  ];
}
