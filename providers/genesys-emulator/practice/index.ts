export type { OrgSeed } from './org-seed.ts';
export { MISSING_PERMISSION, PARTIAL, PRACTICE_SECRET_SUFFIX, practiceClients, READER } from './practice-clients.ts';
export { EMPTY, PRODUCTION, practiceOrgs, STAGING_ORG } from './practice-orgs.ts';
export { sizedOrg } from './sized-org.ts';
export { fillOrgs, type PracticeOptions, type RunningPracticeOrgs, startPracticeOrgs } from './start-practice-orgs.ts';
