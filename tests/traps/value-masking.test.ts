import { describe, expect, test } from '@jest/globals';
import { makeRedactor } from '../../scripts/view/escape.ts';
import { humanLines } from '../../scripts/view/human.ts';
import type { Output } from '../../scripts/view/output.ts';
import { jsonLine } from '../../scripts/view/view.ts';
import type { Address } from '../../state/address.ts';
import { makeMap } from '../../state/value.ts';

const ID = 'ab12cafe-0000-4caf-8000-00000000cafe';
const HASH = `sha256:${'cafe'.repeat(16)}`;

function redactorFor(...secrets: readonly string[]) {
  const redactor = makeRedactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

const OUTCOME: Output = {
  record: 'outcome',
  address: 'routing_skill/x' as Address,
  word: 'failed',
  id: ID,
  hash: HASH,
  message: 'the org said: "cafe" is wrong; true is no record; see 0000',
};

describe('trap: value masking corrupts output', () => {
  test('a short secret that happens to stand inside an id or a digest leaves it whole, and is masked everywhere else', () => {
    const told = JSON.parse(jsonLine(OUTCOME, redactorFor('cafe', '0000'))) as Record<string, unknown>;
    expect(told).toMatchObject({ id: ID, hash: HASH, message: 'the org said: "***" is wrong; true is no record; see ***' });
  });

  test.each(['true', 'false', 'null', 'record', 'failed', 'outcome', '":"', '","', 'word', '\\"id'])(
    'a secret spelled %j leaves each record the JSON that it is',
    (secret) => {
      const told = JSON.parse(jsonLine(OUTCOME, redactorFor(secret))) as Record<string, unknown>;
      expect(told).toMatchObject({ record: 'outcome', word: 'failed', id: ID, hash: HASH });
      expect(String(told['message'])).not.toContain(secret);
    },
  );

  test('a value of the org is masked, also under a name that Cordboard has words of its own for', () => {
    const change = { at: '/x', kind: 'change', before: makeMap([['code', 'failed']]), after: 'hunter22' } as const;
    const step: Output = { record: 'step', order: 0, address: 'a/b', action: 'update', changes: [change], reasons: [], needs: [] };
    const told = JSON.parse(jsonLine(step, redactorFor('failed', 'hunter22'))) as { changes: readonly object[] };
    expect(told.changes).toEqual([{ at: '/x', kind: 'change', before: { code: '***' }, after: '***' }]);
  });

  test('the text too keeps ids whole', () => {
    const line = humanLines({ record: 'org', org: 'prod', id: ID, name: 'cafe', pinned: true }).map(redactorFor('cafe').clean);
    expect(line).toEqual([`org prod: "***" (${ID}), pinned`]);
  });

  test('a secret that is an id itself, or holds one, is masked', () => {
    expect(redactorFor(ID).clean(`key ${ID}`)).toBe('key ***');
    expect(redactorFor(`x${ID}y`).clean(`key x${ID}y`)).toBe('key ***');
  });
});
