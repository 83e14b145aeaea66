import type { ResourceType } from '../../state/resource-type.ts';
import { makeMap } from '../../state/value.ts';

function toyType(facts: Partial<ResourceType> & { name: string }): ResourceType {
  return {
    aliases: [],
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
    schema: () => ({ type: 'object' }),
    ...facts,
  };
}

/** What the simulated org does with objects of a type; the reconciler knows nothing of it. */
export interface ToyHabits {
  readonly type: ResourceType;
  readonly isVersioned: boolean;
  /** Objects name their creator and time. */
  readonly namesCreator: boolean;
  /** What answers a create: the whole object, or its id alone. */
  readonly answersWhole: boolean;
  /** Fields that a create does not take: a later request of their own writes them. */
  readonly parts: readonly string[];
}

const crate = toyType({ name: 'crate', isKeyEnforced: true, defaults: makeMap([['size', 1]]) });
const stamp = toyType({ name: 'stamp' });
const token = toyType({ name: 'token', secrets: ['/fields/*'] });
const shelf = toyType({
  name: 'shelf',
  isKeyEnforced: true,
  refs: [
    { at: '/next', to: ['shelf'], optional: true },
    { at: '/members/*/crate', to: ['crate'], optional: false },
  ],
  lists: { '/members': { kind: 'keyed', by: 'crate' } },
  defaults: makeMap([['members', makeMap([['*', makeMap([['rank', 1]])]])]]),
  deferrable: ['/next'],
});
const rack = toyType({
  name: 'rack',
  isKeyEnforced: true,
  refs: ['/next', '/back'].map((at) => ({ at, to: ['rack'], optional: true })),
  deferrable: ['/next', '/back'],
});
const script = toyType({
  name: 'script',
  isKeyEnforced: true,
  refs: [{ at: '/content/calls', to: ['script'], optional: true }],
  deferrable: ['/content'],
  placeholder: () => makeMap([['lines', 'placeholder']]),
});

/** Unique and non-unique keys, with and without a creator, whole bodies and parts, versions and last writer wins. */
export const HABITS: readonly ToyHabits[] = [
  { type: crate, isVersioned: false, namesCreator: false, answersWhole: true, parts: [] },
  { type: stamp, isVersioned: false, namesCreator: false, answersWhole: false, parts: [] },
  { type: token, isVersioned: false, namesCreator: true, answersWhole: false, parts: [] },
  { type: shelf, isVersioned: true, namesCreator: true, answersWhole: true, parts: ['members'] },
  { type: rack, isVersioned: false, namesCreator: false, answersWhole: true, parts: [] },
  { type: script, isVersioned: false, namesCreator: false, answersWhole: false, parts: ['content'] },
];

export const TOY_TYPES = new Map(HABITS.map(({ type }) => [type.name, type]));

export function habitsOf(type: string): ToyHabits {
  const habits = HABITS.find((one) => one.type.name === type);
  if (habits === undefined) throw new Error(`no toy type '${type}'`);
  return habits;
}
