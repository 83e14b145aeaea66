import { HARBOR_AND_PINE } from './harbor-and-pine.ts';
import { type OrgSeed, seedOf } from './org-seed.ts';
import { practiceClients } from './practice-clients.ts';
import { STAGING } from './staging.ts';

export const PRODUCTION = 'practice-production';
export const STAGING_ORG = 'practice-staging';
export const EMPTY = 'practice-empty';

/** The three practice orgs: a retailer's production, its older and partly different staging, and an org with nothing but a home division of another name. */
export function practiceOrgs(): readonly OrgSeed[] {
  return [
    seedOf({ name: PRODUCTION, thirdPartyOrgName: 'harborandpine', homeDivision: 'Home', clients: practiceClients(PRODUCTION) }, HARBOR_AND_PINE),
    seedOf({ name: STAGING_ORG, thirdPartyOrgName: 'harborandpine-staging', homeDivision: 'Home', clients: practiceClients(STAGING_ORG) }, STAGING),
    seedOf({ name: EMPTY, thirdPartyOrgName: 'harborandpine-empty', homeDivision: 'New Org', clients: practiceClients(EMPTY) }, []),
  ];
}
