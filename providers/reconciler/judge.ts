import type { FieldChange, Step } from '../../state/change.ts';
import { normalise } from '../../state/diff.ts';
import { identityOf } from '../../state/normalise.ts';
import { getAt, isUnder, type Pointer, pointerSegments } from '../../state/pointer.ts';
import type { ResourceType } from '../../state/resource-type.ts';
import { rulesBelow, rulesOf } from '../../state/rules.ts';
import { isList, isMap, sameValue, type Value } from '../../state/value.ts';
import type { Live } from '../contract.ts';
import type { Aim } from './aim.ts';

/** Whether the live object is as the step wants it, its name included. */
export function isKept(aim: Aim, live: Live): boolean {
  if (live.document.address !== aim.owner || aim.lacking(live.document).length > 0) return false;
  return aim.hash(live.document) === aim.step.after || aim.remaining(live.document).length === 0;
}

/**
 * Fields that somebody else moved: they differ from what is wanted, and not in the way that the plan showed. A live object
 * without any is somewhere between before and after, so that writing the rest overwrites nothing unseen.
 */
export function movedFields(aim: Aim, live: Live): readonly FieldChange[] {
  const { body } = normalise(live.document, aim.type);
  return aim.remaining(live.document).filter((change) => !isPlanned(change, aim.step) && !isBegun(change, body, aim));
}

/**
 * Fields that an object which we made, and only began to fill, cannot have: values that nobody sent. What is not there yet, or still at its
 * default, contradicts nothing; nor does what it was `born` with, where that was seen: creating may bring a deleted one back, with what it held.
 */
export function contradictions(aim: Aim, live: Live, born?: Live): readonly FieldChange[] {
  const valuesAt = ({ document }: Live): ((at: Pointer) => Value | undefined) => {
    const { body } = normalise(document, aim.type);
    return (at) => valueAt(body, at, aim.type);
  };
  const [now, then] = [valuesAt(live), born === undefined ? () => undefined : valuesAt(born)];
  return aim.remaining(live.document).filter(({ at, kind }) => {
    const value = now(at);
    return kind !== 'add' && value !== undefined && !sameValue(value, then(at));
  });
}

/** What keeps the live object from being as wanted, for a message. */
export function nameUnkept(aim: Aim, live: Live): string {
  const lacking = aim.lacking(live.document).map((at): FieldChange => ({ at, kind: 'add' }));
  const fields = [...aim.remaining(live.document), ...lacking];
  return fields.length > 0 ? nameFields(fields) : 'its name';
}

/** Names fields for a message: where, not what, since a value may be long or private. */
export function nameFields(changes: readonly FieldChange[]): string {
  const names = [...new Set(changes.map((change) => change.at || '/'))];
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

/** Of what the plan adds, a field that is still at its default: an org takes an item and what it says of it by requests of their own. */
function isBegun(change: FieldChange, body: Value, { step, type }: Aim): boolean {
  const isBelowAdded = step.changes.some((planned) => planned.kind === 'add' && planned.at !== change.at && isUnder(change.at, planned.at));
  return isBelowAdded && change.kind !== 'remove' && valueAt(body, change.at, type) === undefined;
}

function isPlanned(change: FieldChange, step: Step): boolean {
  return step.changes.some((planned) => {
    if (planned.at === change.at) return sameValue(planned.before, change.before) || isPartOf(change.before, planned.before);
    return isUnder(change.at, planned.at) && sameValue(getAt(planned.before, change.at.slice(planned.at.length)), change.before);
  });
}

/** A list of which some items are gone already. */
function isPartOf(part: Value | undefined, whole: Value | undefined): boolean {
  return isList(part) && isList(whole) && part.every((item) => whole.some((other) => sameValue(item, other)));
}

/** As `getAt`, where items of sets and keyed lists go by their identity, as in field changes. */
function valueAt(body: Value, pointer: Pointer, type: ResourceType): Value | undefined {
  let at: Value | undefined = body;
  let rules = rulesOf(type);
  for (const segment of pointerSegments(pointer)) {
    const { list } = rules;
    if (isList(at))
      at = list === undefined ? at[Number(segment)] : at.find((item) => identityOf(item, list.kind === 'keyed' ? list.by : undefined) === segment);
    else if (isMap(at) && Object.hasOwn(at, segment)) at = at[segment];
    else return undefined;
    rules = rulesBelow(rules, segment);
  }
  return at;
}
