/** Sources run as they are (TypeScript stripped by swc, ES modules); types are checked apart by `tsc`. */
export default {
  testEnvironment: '<rootDir>/tests/environment.mjs',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } }] },
  // Beside the packages, not in the temporary folder, which `npm test` makes anew.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  randomize: true,
  maxWorkers: 2,
  workerIdleMemoryLimit: '300MB',
  testTimeout: 120_000,
};
