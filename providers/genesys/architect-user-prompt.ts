import { declare } from './declare.ts';

/** What callers hear: for each language a text, a text to be spoken, or a recording. */
export const architectUserPrompt = declare({
  type: 'architect_user_prompt',
  // Architect takes letters, digits and underscores.
  temporaryName: (name, tag) => `${name.slice(0, 40)}_${tag.replace('-', '_')}`,
  query: { includeResources: true, includeMediaUris: true },
  parts: [{ kind: 'recordings', at: '/resources', resource: 'resources' }],
});
