import type { Document } from './document.ts';
import { getAt, isUnder, makePointer, type Pointer, pointerSegments } from './pointer.ts';
import type { Problem } from './problem.ts';
import type { ResourceType } from './resource-type.ts';

/**
 * An error for each field of a body that no document holds, because it is told elsewhere: a part of the key, which stands only in `key`, or
 * what the org sets by itself. Written down it would be asked for with each apply, and never be so. `unknown`: what the type's schema does not
 * name; what stands in the result is no longer to be told as that.
 */
export function findReserved(document: Document, type: ResourceType, unknown: readonly Problem[]): readonly Problem[] {
  const told = unknown.flatMap((problem) => {
    const { pointer = '' } = problem;
    const by = type.reserved?.(pointer);
    return by === undefined ? [] : [by === 'key' ? inKey(pointer, type) : ofTheOrg(pointer, problem)];
  });
  const fields = type.keyFields.map((field) => makePointer(field.split('.')));
  const more = fields.filter((field) => getAt(document.body, field) !== undefined && !told.some(({ pointer = '' }) => isUnder(field, pointer)));
  return [...told, ...more.map((field) => inKey(field, type))];
}

function inKey(pointer: Pointer, { isRenamable }: ResourceType): Problem & { readonly pointer: Pointer } {
  const rename = isRenamable ? '; to rename, change "key" and add "was: <the key so far>"' : '';
  return {
    code: 'KEY_IN_BODY',
    severity: 'error',
    pointer,
    message: `${shown(pointer)} is part of the key, and stands only in "key"`,
    hint: `take it out${rename}`,
  };
}

/** A slip of the pen may look like a field of the org's: the nearest name is still told. */
function ofTheOrg(pointer: Pointer, { severity, hint }: Problem): Problem & { readonly pointer: Pointer } {
  return {
    code: 'FIELD_OF_THE_ORG',
    severity: 'error',
    pointer,
    message: `${shown(pointer)} is no configuration: the org sets it`,
    hint: severity === 'error' ? `take it out; ${hint}` : 'take it out',
  };
}

function shown(pointer: Pointer): string {
  const segments = pointerSegments(pointer);
  const above = makePointer(segments.slice(0, -1));
  return `"${segments.at(-1)}"${above === '' ? '' : ` at "${above}"`}`;
}
