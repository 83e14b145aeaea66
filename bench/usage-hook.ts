import { writeFileSync } from 'node:fs';

/** Loaded before a program (`node --import`): when it ends, says what it used. */
const file = process.env['CORDBOARD_BENCH_USAGE'];
if (file !== undefined) process.on('exit', () => writeFileSync(file, JSON.stringify(process.resourceUsage())));
