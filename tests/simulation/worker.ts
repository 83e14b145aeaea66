/** A process of a large run: lives the seeds it is told, and says what they came to. */
import { liveAll } from './totals.ts';

interface Block {
  readonly from: number;
  readonly to: number;
}

/** Says which seed is at work, so that one that hangs can be named. */
function* told({ from, to }: Block): Iterable<number> {
  for (let seed = from; seed < to; seed += 1) {
    process.send?.({ at: seed });
    yield seed;
  }
}

process.on('message', (block: Block) => {
  void liveAll(told(block)).then((totals) => process.send?.({ ...block, totals }));
});
