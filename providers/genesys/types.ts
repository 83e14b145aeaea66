import type { TypeTable } from '../../state/resource-type.ts';
import { architectDatatable } from './architect-datatable.ts';
import { architectDatatableRow } from './architect-datatable-row.ts';
import { architectIvr } from './architect-ivr.ts';
import { architectSchedule } from './architect-schedule.ts';
import { architectScheduleGroup } from './architect-schedule-group.ts';
import { architectUserPrompt } from './architect-user-prompt.ts';
import { authDivision } from './auth-division.ts';
import { flow } from './flow.ts';
import type { GenesysType } from './genesys-type.ts';
import { integration } from './integration.ts';
import { integrationAction } from './integration-action.ts';
import { integrationCredential } from './integration-credential.ts';
import { routingQueue } from './routing-queue.ts';
import { routingSkill } from './routing-skill.ts';
import { routingUtilization } from './routing-utilization.ts';
import { routingWrapupCode } from './routing-wrapup-code.ts';
import { user } from './user.ts';

/** Every type of Genesys Cloud that Cordboard manages: the one list. */
const TYPES: readonly GenesysType[] = [
  architectDatatable,
  architectDatatableRow,
  architectIvr,
  architectSchedule,
  architectScheduleGroup,
  architectUserPrompt,
  authDivision,
  flow,
  integration,
  integrationAction,
  integrationCredential,
  routingQueue,
  routingSkill,
  routingUtilization,
  routingWrapupCode,
  user,
];

export const genesysTypes: ReadonlyMap<string, GenesysType> & TypeTable = new Map(TYPES.map((type) => [type.name, type]));
