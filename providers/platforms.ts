import type { Platform } from './contract.ts';
import { genesys } from './genesys/platform.ts';

/** Every platform that Cordboard speaks with, by the word for it in `cordboard.yaml`: the one list. */
export const platforms: ReadonlyMap<string, Platform> = new Map([[genesys.name, genesys]]);
