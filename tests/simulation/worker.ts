/** A process of a large run: lives the seeds it is told, and says what they came to. */
import { liveAll } from './totals.ts';

interface Block {
  readonly from: number;
  readonly to: number;
}

process.on('message', (block: Block) => {
  void liveAll(Array.from({ length: block.to - block.from }, (_, index) => block.from + index)).then((totals) => process.send?.({ ...block, totals }));
});
