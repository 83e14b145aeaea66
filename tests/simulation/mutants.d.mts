export interface Mutant {
  readonly rule: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly by: string;
}
export const MUTANTS: readonly Mutant[];
export function mutate(text: string, path: string, index: number): string;
