/**
 * Jest's Node environment, in a context whose globals are plain properties.
 *
 * Jest makes its context over a proxy, so that each use of `Math`, `Promise` or `Map` in code under test asks that proxy: code runs up to
 * several times slower than outside of Jest. What is made anew here for each suite is the same; only the proxy, and with it Jest's
 * clearing of globals after a suite, is left out.
 */
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

export default class PlainEnvironment extends TestEnvironment {
  constructor(config, context) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }
}
