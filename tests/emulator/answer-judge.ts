import type { Operation, SubResource, TypeFacts } from '../../providers/genesys-emulator/facts.ts';
import { TYPES } from '../../providers/genesys-emulator/facts.ts';
import type { Answer, EmulatorCore } from '../../providers/genesys-emulator/index.ts';
import { Router } from '../../providers/genesys-emulator/router.ts';
import { mistakesOf } from './answer-schema.ts';

/** What answers at one place of the API: the model of success, and required fields that the catalogue says are left out. */
interface Place {
  readonly model: string | undefined;
  readonly mayLack: readonly string[];
}

/** Places whose model stands in no fact of the catalogue, from the official SDK. */
const OWN_PLACES: Readonly<Record<string, string>> = {
  'GET /api/v2/organizations/me': 'Organization',
  'GET /api/v2/tokens/me': 'TokenInfo',
  'GET /api/v2/authorization/products': 'OrganizationProductEntityListing',
  'GET /api/v2/authorization/divisions/home': 'AuthzDivision',
  'POST /api/v2/users/search': 'UsersSearchResponse',
  'PATCH /api/v2/routing/queues/{queueId}/members': 'QueueMemberEntityListing',
  'POST /api/v2/routing/queues/{queueId}/wrapupcodes': '[WrapupCode]',
  'POST /api/v2/users/{userId}/routingskills': 'UserRoutingSkill',
  'PUT /api/v2/users/{userId}/routingskills/{skillId}': 'UserRoutingSkill',
  'PUT /api/v2/users/{userId}/routingskills/bulk': 'UserSkillEntityListing',
  'PATCH /api/v2/users/{userId}/routingskills/bulk': 'UserSkillEntityListing',
  'POST /api/v2/users/{userId}/routinglanguages': 'UserRoutingLanguage',
  'PATCH /api/v2/users/{userId}/routinglanguages/{languageId}': 'UserRoutingLanguage',
  'PATCH /api/v2/users/{userId}/routinglanguages/bulk': 'UserLanguageEntityListing',
  'POST /api/v2/architect/prompts/{promptId}/resources': 'PromptAsset',
  'GET /api/v2/architect/prompts/{promptId}/resources/{languageCode}': 'PromptAsset',
  'PUT /api/v2/architect/prompts/{promptId}/resources/{languageCode}': 'PromptAsset',
  'POST /uploads/v2/prompts/{promptId}/{languageCode}': 'Empty',
  'GET /api/v2/integrations/credentials/types': '[CredentialType]',
  'POST /api/v2/flows/jobs': 'RegisterArchitectJobResponse',
  'GET /api/v2/flows/jobs/{jobId}': 'ArchitectJobStateResponse',
  'POST /api/v2/flows/export/jobs': 'RegisterArchitectExportJobResponse',
  'GET /api/v2/flows/export/jobs/{jobId}': 'ArchitectExportJobStateResponse',
  'GET /api/v2/architect/dependencytracking': 'DependencyObjectEntityListing',
  'GET /api/v2/architect/dependencytracking/build': 'DependencyStatus',
  'GET /api/v2/architect/dependencytracking/types': 'DependencyTypeEntityListing',
  'GET /api/v2/architect/dependencytracking/consumedresources': 'DependencyEntityListing',
  'GET /api/v2/architect/dependencytracking/consumingresources': 'DependencyEntityListing',
  'GET /api/v2/flows/{flowId}/versions/{versionId}': 'FlowVersion',
  'POST /api/v2/flows/actions/checkout': 'Flow',
  'POST /api/v2/flows/actions/unlock': 'Flow',
};

const places = makePlaces();

function makePlaces(): Router<Place> {
  const router = new Router<Place>();
  const add = (method: string, path: string, model: string | null | undefined, mayLack: readonly string[] = []): void =>
    router.add(method, path, { model: model ?? undefined, mayLack });
  for (const [place, model] of Object.entries(OWN_PLACES)) add(place.split(' ')[0] ?? '', place.split(' ')[1] ?? '', model);
  for (const facts of TYPES.values())
    for (const operation of operationsOf(facts)) add(operation.method, operation.path, operation.returns, fieldsLeftOut(facts));
  for (const facts of TYPES.values()) for (const sub of facts.subResources) for (const [method, path] of plainCalls(sub)) add(method, path, sub.returns);
  return router;
}

function operationsOf(facts: TypeFacts): readonly Operation[] {
  return [facts.list, facts.get, facts.create, facts.update, facts.delete].filter((operation) => operation !== null);
}

/** Calls at the sub-resource's own address, which answer what GET answers there. */
function plainCalls(sub: SubResource): readonly (readonly [string, string])[] {
  return (sub.operations ?? []).flatMap((operation) => {
    const [method = '', path = ''] = operation.split(' ');
    return path === sub.path && method !== 'DELETE' ? [[method, path] as const] : [];
  });
}

/** The models require some fields that the catalogue says are left out unless expanded, and secrets that are never read back. */
function fieldsLeftOut(facts: TypeFacts): readonly string[] {
  return [...(facts.list?.expandForFull ?? []), ...(facts.get.expandForFull ?? []), ...facts.secretFields];
}

/** From now on each JSON answer of this core is held against the model of its place; the first that is not of it throws, with all mistakes. */
export function judge(core: EmulatorCore): EmulatorCore {
  const handle = core.handle.bind(core);
  core.handle = (request) => {
    const answer = handle(request);
    const mistakes = mistakesOfAnswer(request.method, request.path, answer);
    if (mistakes.length > 0) throw new Error(`${request.method} ${request.path} answers ${answer.status}: ${mistakes.join('; ')}`);
    return answer;
  };
  return core;
}

function mistakesOfAnswer(method: string, path: string, answer: Answer): readonly string[] {
  if (answer.effect !== undefined || answer.body.length === 0 || answer.headers['content-type']?.includes('json') !== true) return [];
  const body: unknown = JSON.parse(Buffer.from(answer.body).toString('utf8'));
  if (path.endsWith('/oauth/token') && 'error' in (body as object)) return mistakesOf('OAuthError', body);
  if (answer.status >= 400) return mistakesOfError(answer, body);
  if (path.endsWith('/oauth/token')) return mistakesOf('OAuthToken', body);
  const found = places.find(method, path);
  const place = found === undefined || found === 'other-method' ? undefined : found.value;
  if (place?.model === undefined) return ['no fact names the model of this answer'];
  return mistakesOf(place.model, body).filter((mistake) => !place.mayLack.some((field) => mistake.includes(`"missingProperty":"${field}"`)));
}

/** The body says the same as the status line and the correlation header. */
function mistakesOfError(answer: Answer, body: unknown): readonly string[] {
  const { status, contextId } = body as Readonly<Record<string, unknown>>;
  return [
    ...mistakesOf('ErrorBody', body),
    ...(status === answer.status ? [] : [`the body says ${String(status)}`]),
    ...(contextId === answer.headers['inin-correlation-id'] ? [] : ['contextId is not the correlation id']),
  ];
}
