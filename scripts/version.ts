import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Root of the package, the same from `scripts/` and from `dist/scripts/`. */
export const PACKAGE_ROOT = import.meta.dirname.endsWith(join('dist', 'scripts')) ? join(import.meta.dirname, '../..') : join(import.meta.dirname, '..');

export const VERSION: string = (JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }).version;
