import { typeOf } from './address.ts';
import type { FieldChange } from './change.ts';
import type { Document } from './document.ts';
import { nearest } from './nearest.ts';
import { expand, getAt } from './pointer.ts';
import type { Problem } from './problem.ts';
import type { ResourceType, TypeTable } from './resource-type.ts';
import { asDirective } from './value.ts';

/** Secrets that a document holds, by where they stand. */
function secretsIn(document: Document, type: ResourceType): readonly (readonly [string, string])[] {
  const pointers = [...new Set(type.secrets.flatMap((pattern) => expand(document.body, pattern)))];
  return pointers.flatMap((pointer) => {
    const told = asDirective(getAt(document.body, pointer));
    return told?.name === '$secret' ? [[pointer, told.value] as const] : [];
  });
}

/** The write-only fields that are to be sent again, each as a change that nobody can see the values of. */
export function rotatedFields(document: Document, type: ResourceType, rotate: ReadonlySet<string>): readonly FieldChange[] {
  if (rotate.size === 0) return [];
  return secretsIn(document, type)
    .filter(([, name]) => rotate.has(name))
    .map(([at]) => ({ at, kind: 'change', before: getAt(document.body, at) ?? null, after: getAt(document.body, at) ?? null }));
}

/** Names to rotate that no document uses, with what was most likely meant. */
export function unknownSecrets(documents: Iterable<Document>, types: TypeTable, rotate: ReadonlySet<string>): readonly Problem[] {
  if (rotate.size === 0) return [];
  const used = new Set(
    [...documents].flatMap((document) => {
      const type = types.get(typeOf(document.address));
      return type === undefined ? [] : secretsIn(document, type).map(([, name]) => name);
    }),
  );
  return [...rotate]
    .filter((name) => !used.has(name))
    .sort()
    .map((name) => unknownSecret(name, nearest(name, used)));
}

function unknownSecret(name: string, near: string | undefined): Problem {
  return {
    code: 'SECRET_UNKNOWN',
    severity: 'error',
    message: `no document uses the secret "${name}", so there is nothing to rotate`,
    hint: near === undefined ? 'name a secret as it stands behind "$secret:" in a document' : `did you mean "${near}"?`,
  };
}
