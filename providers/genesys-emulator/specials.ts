import type { Special } from './special.ts';

/** Every special behaviour; earlier ones win where two claim one route. */
export const SPECIALS: readonly Special[] = [];
