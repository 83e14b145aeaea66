import { join } from 'node:path';
import type { Config } from './config.ts';

/** Where the tool keeps what is its own of one org (journal, lock, receipts), out of Git's sight. Deleting it while nothing runs loses history, no configuration. */
export function orgFolder(config: Config, org: string): string {
  return join(config.folder, '.cordboard', org);
}
