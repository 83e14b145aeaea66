/** Jest's transform with one rule of the protocol left out, for `jest.mutant.config.mjs`. */
import swc from '@swc/jest';
import { mutate } from './mutants.mjs';

const MUTANT = Number(process.env.CORDBOARD_MUTANT);

export default {
  createTransformer(options) {
    const inner = swc.createTransformer(options);
    return {
      ...inner,
      process: (text, path, given) => inner.process(mutate(text, path, MUTANT), path, given),
      processAsync: async (text, path, given) => inner.processAsync(mutate(text, path, MUTANT), path, given),
      getCacheKey: (text, path, given) => `${inner.getCacheKey(text, path, given)}-mutant-${MUTANT}`,
    };
  },
};
