import { describe, expect, test } from '@jest/globals';
import { EmulatorCore } from '../../providers/genesys-emulator/index.ts';
import type { Json } from '../../providers/genesys-emulator/json.ts';
import { judge } from './answer-judge.ts';
import { mistakesOf } from './answer-schema.ts';
import { Site } from './site.ts';

describe('the judge sees what it is for', () => {
  const error = { code: 'a', message: 'b', status: 400, contextId: 'c' };
  const cases = [
    { reason: 'a field that the model does not list', model: 'RoutingSkill', body: { id: 'a', name: 'b', surprise: 1 } },
    { reason: 'the same deep inside', model: 'RoutingSkill', body: { name: 'b', division: { id: 'a', surprise: 1 } } },
    { reason: 'an error without its code', model: 'ErrorBody', body: { ...error, code: undefined } },
    { reason: 'an error without its correlation id', model: 'ErrorBody', body: { ...error, contextId: undefined } },
    { reason: 'an object where a list is due', model: '[CredentialType]', body: { entities: [] } },
  ];
  test.each(cases)('$reason', ({ model, body }) => {
    expect(mistakesOf(model, JSON.parse(JSON.stringify(body)))).toHaveLength(1);
  });

  test('a model that nobody has described is no model that everything fits', () => {
    expect(() => mistakesOf('NoSuchModel', 5)).toThrow('NoSuchModel');
    expect(mistakesOf('ErrorBody', error)).toEqual([]);
  });

  test('an answer that is not of its place stops the suite that asked for it', () => {
    const core = new Site().core;
    const wrong = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"surprise":1}' };
    const judged = judge(Object.assign(Object.create(EmulatorCore.prototype), core, { handle: () => wrong }) as EmulatorCore);
    const ask = () => judged.handle({ method: 'GET', path: '/api/v2/organizations/me', query: new URLSearchParams(), headers: {}, body: new Uint8Array() });
    expect(ask).toThrow('surprise');
  });
});

test('what is no resource type answers by its model too', () => {
  const site = new Site();
  const code = site.core.seed('o', 'routing_wrapup_code', { name: 'W' });
  const queue = site.core.seed('o', 'routing_queue', { name: 'Q' });
  const [skill, language] = [site.core.seed('o', 'routing_skill', { name: 'S' }), site.core.seed('o', 'routing_language', { name: 'L' })];
  const user = site.core.seed('o', 'user', { name: 'A', email: 'a@example.com', divisionId: site.core.context('o').homeDivisionId });
  const prompt = site.core.seed('o', 'architect_user_prompt', { name: 'P' });
  const calls: readonly (readonly [string, string, Json?])[] = [
    ['GET', 'organizations/me'],
    ['GET', 'tokens/me'],
    ['GET', 'authorization/products'],
    ['GET', 'authorization/divisions/home'],
    ['POST', 'users/search', { query: [{ fields: ['email'], value: 'a@example.com', type: 'EXACT' }] }],
    ['POST', `routing/queues/${queue}/members`, [{ id: user }]],
    ['PATCH', `routing/queues/${queue}/members`, [{ id: user, ringNumber: 2 }]],
    ['GET', `routing/queues/${queue}/members`],
    ['POST', `routing/queues/${queue}/wrapupcodes`, [{ id: code }]],
    ['GET', `routing/queues/${queue}/wrapupcodes`],
    ['POST', `users/${user}/routingskills`, { id: skill, proficiency: 1 }],
    ['PUT', `users/${user}/routingskills/${skill}`, { id: skill, proficiency: 2 }],
    ['PUT', `users/${user}/routingskills/bulk`, [{ id: skill, proficiency: 3 }]],
    ['GET', `users/${user}/routingskills`],
    ['POST', `users/${user}/routinglanguages`, { id: language, proficiency: 1 }],
    ['PATCH', `users/${user}/routinglanguages/bulk`, [{ id: language, proficiency: 2 }]],
    ['GET', `users/${user}/routinglanguages`],
    ['POST', `architect/prompts/${prompt}/resources`, { language: 'en-us', ttsString: 'hello' }],
    ['PUT', `architect/prompts/${prompt}/resources/en-us`, { language: 'en-us', ttsString: 'bye' }],
    ['GET', `architect/prompts/${prompt}/resources`],
    ['GET', 'integrations/credentials/types'],
    ['POST', 'flows/jobs'],
    ['GET', 'architect/dependencytracking/build'],
    ['GET', 'architect/dependencytracking/types'],
    ['GET', `architect/dependencytracking/consumedresources?id=${queue}&version=1&objectType=QUEUE`],
    ['GET', `architect/dependencytracking/consumingresources?id=${queue}&objectType=QUEUE`],
    ['GET', 'architect/dependencytracking?name=Q'],
  ];
  for (const [method, path, body] of calls) expect([path, site.send(method, `/api/v2/${path}`, body).code]).toEqual([path, '']);
});
