import type { ErrorCodes, TypeFacts } from '../../providers/genesys-emulator/facts.ts';

/** An answer to a mistake: its status and its code. */
export type Verdict = readonly [status: number, code: string];

/** Codes that every operation may answer (README of the facts, section 6): right only where an operation declares none of its own for the mistake. */
const COMMON = {
  missing: [
    [400, 'constraint.validation'],
    [400, 'bad.request'],
  ],
  unknownRef: [
    [400, 'invalid.value'],
    [404, 'not.found'],
  ],
  stale: [[409, 'request.conflict']],
} as const;

/** What POST may answer to a body that lacks this field. */
export function verdictsOnMissing(facts: TypeFacts, field: string): readonly Verdict[] {
  const words = wordsOf(field);
  return declaredOr(facts.errorCodes?.create, COMMON.missing, [
    new RegExp(`(^|\\.)missing\\.${words}$`),
    new RegExp(`(^|\\.)${words}\\.(id\\.)?(required|missing|cannot\\.be\\.blank)$`),
    /^(required\.field\.missing|missing\.required\.field\.value|invalid\.input\.empty\.value)$/,
  ]);
}

/** What POST may answer to a reference to an object that is not there. */
export function verdictsOnUnknownRef(facts: TypeFacts, target: string): readonly Verdict[] {
  const [, ...rest] = target.split('_');
  const nouns = [target.replaceAll('_', '.'), rest.join('.'), rest.at(-1) ?? target].filter((noun) => noun !== '').map((noun) => noun.replaceAll('.', '\\.'));
  const own = nouns.flatMap((noun) => [
    new RegExp(`(^|\\.)${noun}(\\.ids?)?\\.(does\\.not\\.exist|not\\.found|invalid\\.id)$`),
    new RegExp(`(^|\\.)invalid\\.${noun}(\\.id)?$`),
  ]);
  const general = [
    /^(general\.)?(resource|entity)\.not\.found$/,
    /^wfm\.entity\.not\.found$/,
    /referenced\.key|referential\.integrity/,
    /^invalid\.id$/,
    /general\.bad\.request$/,
    /^architect\.object\.validate\.failed\.value$/,
  ];
  return declaredOr(facts.errorCodes?.create, COMMON.unknownRef, [...own, ...general]);
}

/** What an update may answer to a version that is not the object's. */
export function verdictsOnStale(facts: TypeFacts): readonly Verdict[] {
  const { versionConflict } = facts;
  if (versionConflict !== undefined) return versionConflict.codes.map((code) => [versionConflict.status, code]);
  const isConflict = /(^|\.)(wrong\.version|((version|transaction|general|definition|category|persistence)\.)?conflict)$/;
  const declared = declaredOr(facts.errorCodes?.update, COMMON.stale, [isConflict]).filter(([status]) => status === 409);
  return declared.length > 0 ? declared : COMMON.stale;
}

/** Every answer that an operation declares. */
export function declared(codes: ErrorCodes | null | undefined): readonly Verdict[] {
  return Object.entries(codes ?? {}).flatMap(([status, names]) => names.map((code): Verdict => [Number(status), code.trim()]));
}

function declaredOr(codes: ErrorCodes | null | undefined, common: readonly Verdict[], fits: readonly RegExp[]): readonly Verdict[] {
  const own = declared(codes).filter(([status, code]) => [400, 404, 409, 422].includes(status) && fits.some((pattern) => pattern.test(code)));
  return own.length > 0 ? own : common;
}

/** `timeZone` as codes spell it: `time.zone`, or `timezone`. */
function wordsOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `\\.?${letter.toLowerCase()}`);
}
