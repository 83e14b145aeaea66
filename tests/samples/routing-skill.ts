import { ref, type Sample } from './sample.ts';

export const sample: Sample = { type: 'routing_skill', key: 'Returns 100%25', body: { division: ref('auth_division/Stores') }, lasting: ['division'] };
