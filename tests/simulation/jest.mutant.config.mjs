import config from '../../jest.config.mjs';

const [[pattern, [, options]]] = Object.entries(config.transform);

export default {
  ...config,
  rootDir: '../..',
  bail: 1,
  maxWorkers: 1,
  transform: { [pattern]: ['<rootDir>/tests/simulation/mutant-transform.mjs', options] },
};
