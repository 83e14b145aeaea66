/**
 * `node --import ./tests/simulation/from-source.mjs file.ts` runs TypeScript sources as they stand. With `CORDBOARD_MUTANT` it leaves one rule of
 * the protocol out of them while they are read (`mutants.mjs`): product code knows nothing of it.
 */
import { register } from 'node:module';

register('./load-source.mjs', import.meta.url);
