import type { Answer } from './exchange.ts';
import type { Permissions } from './facts.ts';
import type { ListFaults } from './listing.ts';
import type { Org } from './org.ts';
import type { Call, OrgContext } from './special.ts';

/** What stands at one method and path. */
export interface Endpoint {
  readonly permissions: Permissions | undefined;
  readonly isList: boolean;
  readonly isSigned: boolean;
  readonly answer: (call: Call, org: Org, context: OrgContext, faults: ListFaults) => Answer;
}
