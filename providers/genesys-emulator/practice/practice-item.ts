/** What a practice org is made of, as its people would name things: references by name, no ids. `seed-of.ts` hands it to the core. */
export interface PracticeItem {
  readonly type: string;
  /** The name by which others refer to it: a name, an e-mail, `name/TYPE` for a flow, `table/row`. */
  readonly key: string;
  readonly body: PracticeMap;
  /** Sub-resources: members, wrap-up codes, skills, prompt resources. */
  readonly parts?: Readonly<Record<string, readonly PracticeMap[]>>;
}

export type PracticeValue = null | boolean | number | string | PracticeRef | PracticeText | readonly PracticeValue[] | PracticeMap;
export interface PracticeMap {
  readonly [key: string]: PracticeValue;
}

/** Stands for another item's id. */
export class PracticeRef {
  readonly type: string;
  readonly key: string;

  constructor(type: string, key: string) {
    this.type = type;
    this.key = key;
  }
}

/** A text in which other items' ids stand. */
export class PracticeText {
  readonly parts: readonly (string | PracticeRef)[];

  constructor(...parts: readonly (string | PracticeRef)[]) {
    this.parts = parts;
  }
}

export function idOf(type: string, key: string): PracticeRef {
  return new PracticeRef(type, key);
}

export function refTo(type: string, key: string): PracticeMap {
  return { id: idOf(type, key) };
}

export const HOME = '@home';

/** The body's entry for a division; nothing for the home division. */
export function inDivision(name: string): PracticeMap {
  return name === HOME ? {} : { division: refTo('auth_division', name) };
}
