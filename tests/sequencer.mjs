/** The order of the suites: those first that start processes of their own and so take longest, lest one of them is alone at the end. */
import TestSequencer from '@jest/test-sequencer';

const FIRST = ['simulation', 'pulumi', 'journeys'];

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ path }) => FIRST.findIndex((room) => path.includes(`/tests/${room}/`)) >>> 0;
    return super.sort(tests).sort((left, right) => rank(left) - rank(right));
  }
}
