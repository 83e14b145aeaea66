import type { Document } from '../../state/document.ts';
import { asDirective, type Value, type ValueMap } from '../../state/value.ts';
import { fillPath } from '../client/org-client.ts';
import { type FileSource, OrgFailure } from '../contract.ts';
import type { GenesysType } from './genesys-type.ts';
import { pathParameters } from './natural-key.ts';
import type { RawObject } from './raw-object.ts';
import { literalOf, type RequestContext } from './request-body.ts';
import type { Session } from './session.ts';

/** One object whose parts are brought from what lives to what is wanted. Both bodies are whole: defaults written out, sets in order. */
export interface PartChange {
  readonly session: Session;
  readonly type: GenesysType;
  readonly id: string;
  readonly raw: RawObject;
  readonly live: ValueMap;
  readonly wanted: ValueMap;
  readonly document: Document;
  readonly context: RequestContext & { readonly told: readonly string[] };
  readonly files: FileSource;
}

/** The path of a sub-resource of one object; `name` is the one of several under it. */
export function partPath(type: GenesysType, resource: string, id: string, name?: string): string {
  const path = type.facts.subResources.find((candidate) => candidate.name === resource)?.path;
  if (path === undefined) throw new OrgFailure('refused', `the catalogue knows no "${resource}" of ${type.name}`);
  return fillPath(path, pathParameters(path, name === undefined ? [id] : [id, name]));
}

/** A canonical part's literal value, for parts that are written in a notation of their own. */
export function plainValue(value: Value | undefined, context: RequestContext): Value | undefined {
  return value === undefined || asDirective(value)?.name === '$file' ? undefined : literalOf(value, context);
}
