export type { OrgSeed } from './org-seed.ts';
export { MISSING_PERMISSION, PARTIAL, PRACTICE_SECRET_SUFFIX, READER } from './practice-clients.ts';
export { EMPTY, PRODUCTION, practiceOrgs, STAGING_ORG } from './practice-orgs.ts';
export { sizedOrg } from './sized-org.ts';
export { fillOrgs, type RunningPracticeOrgs, startPracticeOrgs } from './start-practice-orgs.ts';
