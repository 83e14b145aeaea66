import { isList, isMap, type Value, type ValueMap } from '../../state/value.ts';
import { type FailureKind, OrgFailure } from '../contract.ts';
import { type ApiAnswer, type ApiRequest, isReading } from './org-client.ts';
import { readBody } from './read-body.ts';

/** What an answer with a bad status means. Its message names request, status, code and missing permissions, and never a header or a body of ours. */
export function failureOf(request: ApiRequest, answer: ApiAnswer): OrgFailure {
  const error = errorBodyOf(answer);
  const code = error === undefined ? undefined : codeOf(error);
  const permissions = answer.status === 403 && error !== undefined ? permissionsIn(error) : [];
  const correlationId = answer.headers['inin-correlation-id'] ?? textAt(error, 'contextId');
  return new OrgFailure(kindOf(request, answer.status, error), messageOf(request, answer, error, permissions), {
    status: answer.status,
    ...(code === undefined ? {} : { code }),
    ...(correlationId === undefined || correlationId === '' ? {} : { correlationId }),
    ...(permissions.length === 0 ? {} : { permissions }),
  });
}

/** How a request is called in messages: method and path, without query, since a presigned address keeps its secret there. */
export function nameOf(request: ApiRequest): string {
  return `${request.method} ${request.path.replace(/[?#].*$/s, '')}`;
}

const EXISTS = /duplicate|already\.exists|(^|\.)exists$|name\.in\.use|not\.unique|name\.conflict|category\.conflict/;
const STALE = /version|transaction\.conflict/;
const IN_USE = /in\.use|used|referenc|referential|linked|\.has\.|active\.queue|dependen/;
/** How a division says that it is not empty, and a person that somebody needs them. */
const STILL_NEEDED = ['precondition.failure', 'general.conflict'];

/** A proxy or a gateway answers without the platform's error body; what it says about the object (404!) counts for nothing. */
function kindOf(request: ApiRequest, status: number, error: ValueMap | undefined): FailureKind {
  if (status >= 500 || status === 408) return 'unclear';
  // That something else has the key, or is newer, may be the answer to what was carried out before.
  if (error === undefined) return status === 409 ? 'unclear' : 'refused';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410) return request.method === 'POST' && !isReading(request) ? 'refused' : 'gone';
  if (![400, 409, 412, 422, 424].includes(status)) return 'refused';
  const code = codeOf(error) ?? '';
  const text = `${code} ${textAt(error, 'message') ?? ''}`;
  if (/does not match the current version|version number of the modified resource/i.test(text)) return 'conflict';
  if (request.method === 'DELETE')
    return status === 409 ? (STALE.test(code) ? 'conflict' : 'in-use') : IN_USE.test(code) || STILL_NEEDED.includes(code) ? 'in-use' : 'refused';
  if (EXISTS.test(code)) return 'exists';
  if (status === 412 || STALE.test(code)) return 'conflict';
  if (code === 'general.conflict' || code === 'conflict' || code === 'request.conflict')
    return request.method === 'POST' ? 'exists' : status === 409 ? 'conflict' : 'exists';
  return IN_USE.test(code) ? 'in-use' : 'refused';
}

function messageOf(request: ApiRequest, answer: ApiAnswer, error: ValueMap | undefined, permissions: readonly string[]): string {
  const code = error === undefined ? undefined : codeOf(error);
  const said = error === undefined ? `an answer that is not the platform's own (${contentTypeOf(answer)})` : (textAt(error, 'message') ?? 'no message');
  const details = detailsOf(error);
  const missing = permissions.length === 0 ? '' : `; missing permission ${permissions.map((name) => `"${name}"`).join(' or ')}`;
  return `${nameOf(request)} was answered ${answer.status}${code === undefined ? '' : ` ${code}`}: ${short(said)}${details}${missing}`;
}

/** The fields that the platform names as wrong, inside `details` and nested `errors`. */
function detailsOf(error: ValueMap | undefined): string {
  const lists = ['details', 'errors'].flatMap((key) => (error !== undefined && isList(error[key]) ? error[key] : []));
  const fields = lists.filter(isMap).map((item) => [textAt(item, 'fieldName'), textAt(item, 'errorCode') ?? textAt(item, 'code')].filter(Boolean).join(' '));
  const told = fields.filter((text) => text !== '').slice(0, 5);
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
}

/** Permission names (`routing:queue:view`) in the parameters and the message of a 403. */
function permissionsIn(error: ValueMap): string[] {
  const parameters = isMap(error['messageParams']) ? Object.values(error['messageParams']) : [];
  const text = [textAt(error, 'message') ?? '', ...parameters.map(flatText)].join(' ');
  return [...new Set(text.match(/\b[a-z]\w*:\w+:(?:\w+|\*)/gi) ?? [])];
}

function flatText(value: Value): string {
  return isList(value) ? value.map(flatText).join(' ') : String(isMap(value) ? '' : value);
}

/** The platform's `ErrorBody`, or the token endpoint's `{ error }`; undefined where a stranger answered. */
function errorBodyOf(answer: ApiAnswer): ValueMap | undefined {
  const read = readBody(answer);
  return read.kind === 'json' && isMap(read.value) && codeOf(read.value) !== undefined ? read.value : undefined;
}

function codeOf(error: ValueMap): string | undefined {
  return textAt(error, 'code') ?? textAt(error, 'error') ?? textAt(error, 'errorCode');
}

function textAt(error: ValueMap | undefined, key: string): string | undefined {
  const value = error !== undefined && Object.hasOwn(error, key) ? error[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function contentTypeOf(answer: ApiAnswer): string {
  return (answer.headers['content-type'] ?? 'no content type').split(';')[0] ?? '';
}

/** One line that cannot move a terminal's cursor, and no longer than a line should be. */
function short(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}...` : line;
}
