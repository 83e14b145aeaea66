import { TYPES } from '../facts.ts';
import type { ClientSpec } from '../org.ts';

/**
 * The OAuth clients of a practice org. Ids and secrets are fixed and public: they open nothing but a practice org on this machine.
 * The client named like the org may do everything.
 */
export const PRACTICE_SECRET_SUFFIX = '-secret';
/** Added to the org's name: the client that may read everything and write nothing but export jobs. */
export const READER = '-reader';
/** Added to the org's name: a reader that lacks `MISSING_PERMISSION`. */
export const PARTIAL = '-partial';
export const MISSING_PERMISSION = 'routing:wrapupCode:view';

export function practiceClients(orgName: string): readonly ClientSpec[] {
  const reading = readPermissions();
  return [
    client(orgName, 'Practice administrator', ['*']),
    client(`${orgName}${READER}`, 'Practice reader', reading),
    client(
      `${orgName}${PARTIAL}`,
      'Practice reader without wrap-up codes',
      reading.filter((permission) => permission !== MISSING_PERMISSION),
    ),
  ];
}

function client(id: string, name: string, permissions: readonly string[]): ClientSpec {
  return { id, secret: `${id}${PRACTICE_SECRET_SUFFIX}`, name, permissions };
}

/** Every permission that the catalogue asks for to list or get something, and those of export jobs and dependency tracking. */
function readPermissions(): readonly string[] {
  const asked = [...TYPES.values()].flatMap(({ list, get }) =>
    [list, get].flatMap((operation) => [...(operation?.permissions?.all ?? []), ...(operation?.permissions?.any ?? [])]),
  );
  const viewing = asked.filter((permission) => /:(view|search|readonly)$/i.test(permission));
  return [...new Set([...viewing, 'architect:jobExport:create', 'architect:jobExport:view', 'architect:dependencyTracking:view'])].sort();
}
