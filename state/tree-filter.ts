import type { TypeTable } from './resource-type.ts';
import type { Selection } from './select.ts';

/** How a part of an org was chosen, as a person would type it; undefined where nothing was left out. No id of an org stands in a file. */
export function printFilter({ types = [], names = [], ids, dependencies }: Selection): string | undefined {
  const ofIds = ids === undefined ? [] : ['--id (some)'];
  const parts = [...new Set(types)]
    .map((name) => `--type ${name}`)
    .concat(
      names.map((pattern) => `--name ${quoted(pattern)}`),
      ofIds,
    );
  return parts.length === 0 ? undefined : [...parts, ...(dependencies ? ['--dependencies'] : [])].join(' ');
}

function quoted(pattern: string): string {
  return /^[^\s"'`$\\;|&<>()#]+$/.test(pattern) ? pattern : JSON.stringify(pattern);
}

/** Types of which a filter takes a part by name or id: those that it names itself. */
export function narrowedTypes(filter: string, types: TypeTable): readonly string[] {
  const { named, rest } = parted(filter, types);
  return /^--(name|id) /.test(rest) ? named : [];
}

/** The filter without the types that it narrows and that are held whole by now; undefined where it narrows nothing any more. */
export function withoutWhole(filter: string, isWhole: (type: string) => boolean, types: TypeTable): string | undefined {
  const narrowed = narrowedTypes(filter, types);
  const left = narrowed.filter((name) => !isWhole(name));
  if (left.length === narrowed.length) return filter;
  return left.length === 0 ? undefined : [...left.map((name) => `--type ${name}`), parted(filter, types).rest].join(' ');
}

/** The types that a filter begins with, by the catalogue's names, and what comes behind them. */
function parted(filter: string, types: TypeTable): { readonly named: readonly string[]; readonly rest: string } {
  const [head = ''] = /^(?:--type \S+(?: |$))*/.exec(filter) ?? [];
  const texts = [...head.matchAll(/--type (\S+)/g)].flatMap(([, text = '']) => text.split(','));
  const named = texts.map((text) => [...types.values()].find(({ name, aliases }) => name === text || aliases.includes(text))?.name ?? text);
  return { named, rest: filter.slice(head.length) };
}
