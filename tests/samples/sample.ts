/** One document of a type, rich enough to touch every kind of field that it has. Every type of the list has one. */
export interface Sample {
  readonly type: string;
  readonly key: string;
  readonly body: { readonly [field: string]: unknown };
  /** Text content of assets kept as bytes, by the word after `sha256:` in the body. */
  readonly files?: { readonly [hash: string]: string };
  /** Top fields that cannot be taken out of the document once the object exists. */
  readonly lasting?: readonly string[];
}

export const ref = (address: string) => ({ $ref: address });
export const external = (address: string) => ({ $external: address });
