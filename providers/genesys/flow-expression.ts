import { TYPE_BY_FINDER, TYPE_BY_PREFIX } from './flow-names.ts';

/** A name that an expression of Architect uses. */
export interface ExpressionUse {
  readonly type: string;
  /** What is looked up; of a name made at run time the text of the expression. */
  readonly name: string;
  /** `fixed`: Architect binds it when the flow is published. `lookup`: found at run time, or not. `dynamic`: nobody knows it before. */
  readonly kind: 'fixed' | 'lookup' | 'dynamic';
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*|\d+(?:\.\d+)?|\S/gs;

/** The names in an expression: `Prompt.X`, `Grammar.X`, and what `FindQueue("x")` and its kin look up. Letter case of functions does not count. */
export function expressionUses(text: string): ExpressionUse[] {
  const tokens = text.match(TOKEN) ?? [];
  return tokens.flatMap((token, index) => prefixedUse(token) ?? finderUse(tokens, index, text) ?? []);
}

/** `Prompt.Welcome`, also where it stands alone as a value; `PromptSystem.x` is the platform's own and no use. */
export function prefixedUse(token: string): ExpressionUse | undefined {
  const [, prefix = '', name = ''] = /^(\w+)\s*\.\s*(\w+)$/.exec(token) ?? [];
  const type = TYPE_BY_PREFIX[prefix.toLowerCase()];
  return type === undefined ? undefined : { type, name, kind: 'fixed' };
}

/** A text in quotes as a value; undefined where the whole text is anything else. */
export function quotedText(token: string | undefined): string | undefined {
  return token !== undefined && /^"(?:[^"\\]|\\.)*"$/s.test(token) ? token.slice(1, -1).replace(/\\(.)/gs, '$1') : undefined;
}

function finderUse(tokens: readonly string[], index: number, text: string): ExpressionUse | undefined {
  const finder = finderOf(tokens[index] ?? '');
  if (finder === undefined || tokens[index + 1] !== '(') return undefined;
  const name = quotedText(tokens[index + 2]);
  const isAlone = tokens[index + 3] === ')' || tokens[index + 3] === ',';
  if (name === undefined || !isAlone || finder.isById) return { type: finder.type, name: text.trim(), kind: 'dynamic' };
  return { type: finder.type, name, kind: 'lookup' };
}

/** What a function or action of this name looks up; undefined for any other (`FindFirst`, `Find`). */
export function finderOf(word: string): { readonly type: string; readonly isById: boolean } | undefined {
  const [, name = '', byId] = /^(find\w*?)(s?byid)?$/.exec(word.toLowerCase()) ?? [];
  const type = TYPE_BY_FINDER[name];
  return type === undefined ? undefined : { type, isById: byId !== undefined };
}
