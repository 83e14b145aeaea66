import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import { makeMap } from '../../state/value.ts';

/** A few made-up types with the traits that matter to a file. */
function makeType(name: string, more: Partial<ResourceType> = {}): ResourceType {
  return {
    name,
    aliases: [`vendor_${name}`],
    keyFields: ['name'],
    isSingleton: false,
    refs: [],
    lists: {},
    defaults: makeMap([]),
    deferrable: [],
    secrets: [],
    createOnly: [],
    isRenamable: true,
    assets: [],
    schema: () => ({}),
    ...more,
  };
}

export const thing = makeType('thing');
export const crowd = makeType('crowd', {
  lists: { '/members': { kind: 'keyed', by: 'user' }, '/tags': { kind: 'set' } },
  defaults: makeMap([['size', 3]]),
  refs: [{ at: '/division', to: ['thing'], optional: true }],
});
export const prompt = makeType('prompt', {
  lists: { '/resources': { kind: 'keyed', by: 'language' } },
  assets: [{ at: '/resources/*/audio', form: 'bytes', extension: 'wav' }],
});
export const script = makeType('script', { assets: [{ at: '/content', form: 'tree', extension: 'architect.yaml' }] });
export const safe = makeType('safe', { secrets: ['/fields/*'] });

export const types: TypeTable = new Map([thing, crowd, prompt, script, safe].map((type) => [type.name, type]));
