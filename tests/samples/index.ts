import { sample as architectDatatable } from './architect-datatable.ts';
import { sample as architectDatatableRow } from './architect-datatable-row.ts';
import { sample as architectIvr } from './architect-ivr.ts';
import { sample as architectSchedule } from './architect-schedule.ts';
import { sample as architectScheduleGroup } from './architect-schedule-group.ts';
import { sample as architectUserPrompt } from './architect-user-prompt.ts';
import { sample as authDivision } from './auth-division.ts';
import { sample as flow } from './flow.ts';
import { sample as integration } from './integration.ts';
import { sample as integrationAction } from './integration-action.ts';
import { sample as integrationCredential } from './integration-credential.ts';
import { sample as routingQueue } from './routing-queue.ts';
import { sample as routingSkill } from './routing-skill.ts';
import { sample as routingUtilization } from './routing-utilization.ts';
import { sample as routingWrapupCode } from './routing-wrapup-code.ts';
import type { Sample } from './sample.ts';
import { sample as user } from './user.ts';

export const samples: readonly Sample[] = [
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
