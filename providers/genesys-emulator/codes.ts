import { Refusal } from './exchange.ts';
import type { ErrorCodes, TypeFacts } from './facts.ts';

/** Which of the catalogue's error codes an operation of a type answers with. A code that the catalogue does not declare is never made up. */
interface Code {
  readonly status: number;
  readonly code: string;
}

function pick(codes: ErrorCodes | null | undefined, patterns: readonly RegExp[], statuses?: readonly string[]): Code | undefined {
  const all = Object.entries(codes ?? {})
    .filter(([status]) => statuses === undefined || statuses.includes(status))
    .flatMap(([status, names]) => names.map((code) => ({ status: Number(status), code })));
  for (const pattern of patterns) {
    const found = all.find(({ code }) => pattern.test(code));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** 409 where both are declared: what POST /routing/skills was seen to answer (quirks, M). Undefined: the type's names are not unique. */
export function duplicateRefusal(facts: TypeFacts, name: string): Refusal | undefined {
  const enforced = Object.entries(facts.identityEnforcedBy ?? {}).sort(([left], [right]) => Number(right) - Number(left));
  const [status, codes] = enforced[0] ?? [];
  const code = codes?.find((candidate) => facts.identity.some((field) => candidate.includes(field))) ?? codes?.[0];
  if (status === undefined || code === undefined) return undefined;
  return new Refusal(Number(status), code, `a ${facts.type} named "${name}" exists already`, { params: { name } });
}

export function versionRefusal(facts: TypeFacts, has: string, sent: string): Refusal {
  const status = facts.versionConflict?.status ?? 409;
  const code = facts.versionConflict?.codes[0] ?? pick(facts.errorCodes?.update, [/version/, /conflict/], ['409'])?.code ?? 'request.conflict';
  const message = 'The version number of the modified resource must match the version number in the database';
  return new Refusal(status, code, `${message}: it is ${has}, the request says ${sent}`, { params: { version: has } });
}

export function missingVersionRefusal(facts: TypeFacts): Refusal {
  if (facts.versionRequiredBySchema !== true) return versionRefusal(facts, 'set', 'nothing');
  return new Refusal(400, 'constraint.validation', `the field "${facts.versionPath}" is required`, { field: facts.versionPath ?? 'version' });
}

/** Required, but missing or blank: the type's own code for it where one is declared. */
export function missingFieldRefusal(facts: TypeFacts, operation: 'create' | 'update', field: string): Refusal {
  const name = field.slice(field.lastIndexOf('.') + 1);
  const words = name.replace(/[A-Z]/g, (letter) => `\\.?${letter.toLowerCase()}`);
  const own = [new RegExp(`(^|\\.)missing\\.${words}$`), new RegExp(`(^|\\.)${words}\\.(id\\.)?(cannot\\.be\\.blank|required|missing)$`)];
  const general = /^(required\.field\.missing|missing\.required\.field\.value|invalid\.input\.empty\.value)$/;
  const found = pick(facts.errorCodes?.[operation], [...own, general], ['400']);
  return new Refusal(400, found?.code ?? 'constraint.validation', `the field "${field}" is required`, { field, params: { fieldName: field } });
}

export function unknownRefRefusal(facts: TypeFacts, operation: 'create' | 'update', target: readonly string[], path: string, id: string): Refusal {
  const own = target
    .flatMap(nounsOf)
    .flatMap((noun) => [
      new RegExp(`(^|\\.)${noun}(\\.ids?)?\\.(does\\.not\\.exist|not\\.found|invalid\\.id)$`),
      new RegExp(`(^|\\.)invalid\\.${noun}(\\.id)?$`),
    ]);
  const general = [
    /resource\.not\.found$/,
    /(entity|referenced|reference).*not\.found/,
    /referential\.integrity/,
    /^invalid\.(id|reference|resource)$/,
    /general\.bad\.request/,
    /^architect\.object\.validate\.failed\.value$/,
  ];
  const found = pick(facts.errorCodes?.[operation], [...own, ...general], ['400', '404', '409', '422']) ?? { status: 400, code: 'invalid.value' };
  return new Refusal(found.status, found.code, `"${path}" names ${id}, which is no ${target.join(' or ')} of this org`, { field: path, params: { id } });
}

/** What codes call an object of a type, the longest first: `outbound_contact_list` is an outbound contact list, a contact list, a list. */
function nounsOf(type: string): readonly string[] {
  const words = type.split('_');
  return words.map((_word, index) => words.slice(index).join('\\.'));
}

const IN_USE = [/in\.?use$/, /\.used|used\./, /referenc|referential/, /in\.use/, /active\.queue|precondition\.failure|recipient\.has\.flow|has\.escalation/];
const CONFLICT = [/general\.conflict$/, /^(resource\.)?conflict$/, /state\.conflict/];

/** Undefined: the catalogue declares no code for it, so the type can be deleted while it is used. */
export function inUseRefusal(facts: TypeFacts, users: readonly string[]): Refusal | undefined {
  const found = pick(facts.errorCodes?.delete, [...IN_USE, ...CONFLICT], ['400', '409', '412']);
  if (found === undefined) return undefined;
  return new Refusal(found.status, found.code, `it is still used by ${users.slice(0, 5).join(', ')}`, { params: { count: String(users.length) } });
}

export function notFoundRefusal(facts: TypeFacts, operation: 'create' | 'update' | 'delete' | 'get', id: string): Refusal {
  const codes = operation === 'get' ? (facts.errorCodes?.update ?? facts.errorCodes?.delete) : facts.errorCodes?.[operation];
  const noun = facts.type.split('_').slice(-1)[0] ?? '';
  const patterns = [new RegExp(`${noun}s?\\.?not\\.?found$`), /general\.resource\.not\.found|^resource\.not\.found|entity\.not\.found/, /not\.?found/];
  const code = pick(codes, patterns, ['404'])?.code ?? 'not.found';
  return new Refusal(404, code, `there is no ${facts.type} ${id}`, { params: { id } });
}
