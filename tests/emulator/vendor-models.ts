import type { Schema } from './answer-schema.ts';

/**
 * Models of answers that `models.json` leaves out, since no catalogued type is made of them: jobs, dependency tracking, search, tokens.
 * Written off the declarations of the official SDK (`purecloud-platform-client-v2` 262.0.0, index.d.ts), not off what the emulator answers.
 */
const text: Schema = { type: 'string' };
const whole: Schema = { type: 'integer' };
const flag: Schema = { type: 'boolean' };
const date: Schema = { type: 'string', format: 'date-time' };
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
const record = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({ type: 'object', properties, required });
const addresses = { firstUri: text, lastUri: text, nextUri: text, previousUri: text, selfUri: text };
const listing = (row: Schema): Schema =>
  record({ entities: listOf(row), pageSize: whole, pageNumber: whole, total: whole, pageCount: whole, ...addresses }, [
    'entities',
    'pageSize',
    'pageNumber',
    'total',
    'pageCount',
  ]);
const tracked = { id: text, name: text, version: text, type: text, deleted: flag, updated: flag, stateUnknown: flag, selfUri: text };
const message = record({
  dateTime: date,
  type: text,
  text,
  details: listOf({ type: 'object' }),
});
const jobStatus: Schema = { type: 'string', enum: ['Registered', 'Started', 'Success', 'Failure'] };
const jobState = {
  id: text,
  status: jobStatus,
  command: { type: 'string', enum: ['Create', 'Update', 'Publish', 'Export', 'Validate'] },
  messages: listOf(message),
  selfUri: text,
} satisfies Readonly<Record<string, Schema>>;

export const VENDOR_MODELS: Readonly<Record<string, Schema>> = {
  RegisterArchitectJobResponse: record({ id: text, presignedUrl: text, headers: { type: 'object', additionalProperties: text }, selfUri: text }, [
    'id',
    'presignedUrl',
    'headers',
  ]),
  ArchitectJobStateResponse: record({ ...jobState, flow: record({ id: text, selfUri: text }, ['id']) }, ['id', 'status', 'command']),
  RegisterArchitectExportJobResponse: record({ id: text, status: jobStatus, totalFlows: whole, selfUri: text }, ['id', 'status']),
  ArchitectExportJobStateResponse: record({ ...jobState, downloadUrl: text }, ['id', 'status', 'command']),
  DependencyStatus: record({
    id: text,
    name: text,
    user: ref('User'),
    client: ref('DomainEntityRef'),
    buildId: text,
    dateStarted: date,
    dateCompleted: date,
    status: text,
    failedObjects: listOf(record({ id: text, version: text, name: text, errorCode: text })),
    selfUri: text,
  }),
  DependencyTypeEntityListing: listing(record({ id: text, name: text, versioned: flag, selfUri: text }, ['id'])),
  DependencyEntityListing: listing(record(tracked, ['id', 'type'])),
  DependencyObjectEntityListing: listing(
    record({ ...tracked, consumedResources: listOf(record(tracked)), consumingResources: listOf(record(tracked)) }, ['id', 'type']),
  ),
  UsersSearchResponse: record(
    {
      total: whole,
      pageCount: whole,
      pageSize: whole,
      pageNumber: whole,
      previousPage: text,
      currentPage: text,
      nextPage: text,
      types: listOf(text),
      results: listOf(ref('User')),
    },
    ['total', 'pageCount', 'pageSize', 'pageNumber', 'types', 'results'],
  ),
  OrganizationProductEntityListing: record({ entities: listOf(record({ id: text })), pageSize: whole, pageNumber: whole, total: whole, pageCount: whole }, [
    'entities',
    'total',
  ]),
  TokenInfo: record({
    organization: record({ id: text, name: text }),
    homeOrganization: record({ id: text, name: text }),
    authorizedScope: listOf(text),
    clonedUser: record({ id: text, organization: record({ id: text, selfUri: text }) }),
    dateTokenIdles: date,
    OAuthClient: record({
      id: text,
      name: text,
      dateCreated: date,
      dateModified: date,
      createdBy: ref('DomainEntityRef'),
      modifiedBy: ref('DomainEntityRef'),
      authorizedGrantType: text,
      scope: listOf(text),
      roleDivisions: listOf(record({ roleId: text, divisionId: text })),
      state: text,
      dateToDelete: date,
      organization: record({ id: text, name: text }),
    }),
  }),
  CredentialType: record({ id: text, name: text, properties: { type: 'object' }, displayOrder: listOf(text), required: listOf(text) }),
  DeleteProgramResponse: record({ id: text, topicLinksJob: ref('AddressableEntityRef'), selfUri: text }),
  GuideJob: record({ id: text, status: text, errors: listOf(ref('ErrorBody')), guide: ref('AddressableEntityRef'), selfUri: text }),
  AddressableEntityRef: record({ id: text, selfUri: text }),
  /** RFC 6749, sections 5.1 and 5.2; `description` is what the real login host adds. */
  OAuthToken: record({ access_token: text, token_type: text, expires_in: whole }, ['access_token', 'token_type', 'expires_in']),
  OAuthError: record({ error: text, description: text, error_description: text }, ['error']),
};
