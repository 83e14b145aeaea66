import type { Address } from '../../state/address.ts';
import type { FileContent } from '../../state/snapshot.ts';
import type { ValueMap } from '../../state/value.ts';
import type { GenesysType } from './genesys-type.ts';

/** An object of the org read whole: the API's own answer, with its parts in their fields (see `read-parts.ts`). */
export interface RawObject {
  readonly type: GenesysType;
  readonly id: string;
  readonly address: Address;
  readonly body: ValueMap;
  readonly files: ReadonlyMap<string, FileContent>;
}
