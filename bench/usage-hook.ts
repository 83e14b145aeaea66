import { readFileSync, writeFileSync } from 'node:fs';

/** Loaded before a program (`node --import`): when it ends, says what it used. */
const file = process.env['CORDBOARD_BENCH_USAGE'];
if (file !== undefined) process.on('exit', () => writeFileSync(file, JSON.stringify({ ...process.resourceUsage(), maxRSS: mostMemory() })));

/** KiB. What `resourceUsage` says begins with the memory of whoever started this process; Linux knows this program's own. */
function mostMemory(): number {
  const own = process.platform === 'linux' ? /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] : undefined;
  return own === undefined ? process.resourceUsage().maxRSS : Number(own);
}
