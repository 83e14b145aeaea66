/** Sources run as they are (TypeScript stripped by swc, ES modules); types are checked apart by `tsc`. */
export default {
  testEnvironment: '<rootDir>/tests/environment.mjs',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } }] },
  // Beside the packages, not in the temporary folder, which `npm test` makes anew.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  randomize: true,
  testSequencer: '<rootDir>/tests/sequencer.mjs',
  // One more than there are cores on the smallest machine: journeys wait for what they started.
  maxWorkers: 3,
  workerIdleMemoryLimit: '300MB',
  testTimeout: 120_000,
};
