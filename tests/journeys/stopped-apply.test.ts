import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JourneySite, type Run, type Running } from './journey-site.ts';

const EMPTY = 'practice-empty';
let site: JourneySite;
const seen: Record<string, Run> = {};

/** Once so many objects were made in the empty org since now. */
function created(count: number): Promise<void> {
  return new Promise((settle) => {
    let left = count;
    const end = site.orgs.core.onCommit((org) => {
      if (org !== EMPTY) return;
      left -= 1;
      if (left > 0) return;
      end();
      settle();
    });
  });
}

async function stopAfter(count: number, stop: (running: Running) => Promise<void> | void): Promise<Run> {
  const reached = created(count);
  const running = site.start(['apply', 'plan.json']);
  await reached;
  await stop(running);
  return running.ended;
}

/** One apply of the whole practice org to the empty one, stopped in each way that there is, and taken up again each time. */
beforeAll(async () => {
  site = await JourneySite.start({ limits: { perToken: 'none', perOrg: 'none' } });
  // Without faults nothing is late here; what a kill left open is settled after these seconds.
  site.configure('', { [EMPTY]: '    patience: { lateCommit: 2, readLag: 2 }\n' });
  await site.cordboard('export', '--org', 'practice-production', '--all');
  site.writeSecrets();
  await site.cordboard('plan', '--org', EMPTY, '--out', 'plan.json');
  seen['interrupted'] = await stopAfter(5, (running) => running.kill('SIGINT'));
  seen['drift between'] = await site.cordboard('drift', '--org', EMPTY);
  seen['interrupted twice'] = await stopAfter(5, async (running) => {
    running.kill('SIGINT');
    await running.shows(/again to stop at once/);
    running.kill('SIGINT');
  });
  seen['killed'] = await stopAfter(5, (running) => running.kill('SIGKILL'));
  seen['beside'] = await stopAfter(5, async () => {
    seen['second'] = await site.cordboard('apply', 'plan.json');
  });
  seen['again'] = await site.cordboard('apply', 'plan.json');
  seen['plan again'] = await site.cordboard('plan', '--org', EMPTY);
}, 300_000);
afterAll(() => site.end());

describe('an apply that is stopped', () => {
  test('by Ctrl-C: it says so, ends with 130, and tells what was not reached', () => {
    expect({ code: seen['interrupted']?.code, err: seen['interrupted']?.err }).toEqual({ code: 130, err: expect.stringContaining('again to stop at once') });
    expect(seen['interrupted']?.out).toMatch(/skipped/);
  });

  test('by Ctrl-C twice: it ends with 130 at once', () => expect(seen['interrupted twice']?.code).toBe(130));

  test('what was done until then is no drift', () => expect({ code: seen['drift between']?.code, all: seen['drift between']?.all }).toMatchObject({ code: 0 }));

  test('by a kill: the next apply of the same plan goes on', () => {
    expect(seen['killed']?.code).toBeNull();
    expect({ code: seen['beside']?.code, all: seen['beside']?.all }).toMatchObject({ code: 0 });
  });

  test('a second apply beside the first is refused, and the first is not disturbed', () => {
    expect({ code: seen['second']?.code, err: seen['second']?.err }).toEqual({ code: 1, err: expect.stringContaining('another apply to this org is at work') });
  });

  test('in the end all is there, once, and nothing is left to do', () => {
    expect(seen['again']?.code).toBe(0);
    expect({ code: seen['plan again']?.code, all: seen['plan again']?.all }).toMatchObject({ code: 0 });
  });
});
