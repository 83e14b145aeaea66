/** The order of the suites: those first that start processes of their own and so take longest, lest one of them is alone at the end. */
import TestSequencer from '@jest/test-sequencer';

const ROOMS = ['/tests/simulation/', '/tests/pulumi/', '/tests/journeys/', '/tests/'];

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ path }) => ROOMS.findIndex((room) => path.includes(room));
    return super.sort(tests).sort((left, right) => rank(left) - rank(right));
  }
}
