/** Imports run scripts -> providers -> state. `tests/architecture.test.ts` proves the same and more; this says it for the pipeline. */
module.exports = {
  forbidden: [
    {
      name: 'state-imports-nothing-outside',
      comment: 'the core is pure: nothing of ours outside it, of Node only hashes, of packages only formats',
      severity: 'error',
      from: { path: '^state/' },
      to: { path: '^(providers|scripts|bench|tests)/' },
    },
    {
      name: 'providers-never-import-scripts',
      severity: 'error',
      from: { path: '^providers/' },
      to: { path: '^(scripts|bench|tests)/' },
    },
    {
      name: 'no-room-imports-tests',
      severity: 'error',
      from: { path: '^(state|providers|scripts)/' },
      to: { path: '^tests/' },
    },
    {
      name: 'emulator-does-not-know-our-declarations',
      comment: 'it would agree with our mistakes',
      severity: 'error',
      from: { path: '^providers/genesys-emulator/' },
      to: { path: '^providers/(genesys|client|reconciler|store|git|pulumi)/' },
    },
    {
      name: 'declarations-do-not-know-the-emulator',
      severity: 'error',
      from: { path: '^providers/', pathNot: '^providers/genesys-emulator/' },
      to: { path: '^providers/genesys-emulator/' },
    },
    {
      name: 'only-the-pulumi-driver-imports-pulumi',
      severity: 'error',
      from: { pathNot: '^providers/pulumi/' },
      to: { path: '@pulumi/pulumi' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
