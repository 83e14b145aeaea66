import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { exportFlow } from '../../providers/genesys-emulator/flows/export-flow.ts';
import { printFlowFile } from '../../providers/genesys-emulator/flows/flow-file.ts';
import { preparePublish } from '../../providers/genesys-emulator/flows/publish-flow.ts';

const RUNS = { numRuns: 300, seed: 20_261_123 };

/** Names as people and other systems make them: any text, and what YAML takes for something else. */
const anyName = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ''),
  fc.constantFrom(
    'no',
    'yes',
    'null',
    '~',
    '12:30',
    '007',
    '1e3',
    '0x1F',
    '- a',
    '# b',
    'a: b',
    "it's",
    '"q"',
    '{x}',
    '[y]',
    '*z',
    '&w',
    '!t',
    '|',
    '>',
    '%',
    '@',
    '`',
    ' a ',
    'a\nb',
    '\t',
    '__proto__',
    'constructor',
    '1',
    '2026-01-01',
    '\u2028',
    'é',
    'e\u0301',
    '=',
    '<<',
    'a #b',
    'true ',
    '\u{1F600}',
  ),
);

const file = (name: string, queue: string, table: string) => ({
  workflow: {
    name,
    division: 'Home',
    startUpRef: '/workflow/states/state[S_1]',
    states: [
      {
        state: {
          name: 'S',
          refId: 'S_1',
          actions: [
            { transferToAcd: { targetQueue: { lit: { name: queue } } } },
            { dataTableLookup: { dataTable: Object.fromEntries([[table, { foundOutputs: {} }]]) } },
          ],
        },
      },
    ],
  },
});

interface Printed {
  readonly workflow: {
    readonly name: unknown;
    readonly startUpRef: string;
    readonly states: readonly [
      {
        readonly state: {
          readonly refId: string;
          readonly actions: readonly [{ transferToAcd: { targetQueue: { lit: { name: unknown } } } }, { dataTableLookup: { dataTable: object } }];
        };
      },
    ];
  };
}

test('whatever objects are called, an export prints their names so that any reader gets them back', () => {
  fc.assert(
    fc.property(anyName, anyName, anyName, fc.integer(), (flow, queue, table, salt) => {
      const ready = preparePublish(printFlowFile(file('Before', 'Queue', 'Table')), (kind, name) => [{ id: kind, name }]);
      if ('messages' in ready) throw new Error(ready.messages.join());
      const names = { flow, division: 'Home', description: '', of: ({ kind }: { kind: string }) => (kind === 'queue' ? queue : table) };
      const text = exportFlow(ready.content, names, () => (Math.abs(salt) % 997) / 997);
      for (const version of ['1.1', '1.2'] as const) {
        const { workflow } = parse(text, { version, stringKeys: true }) as Printed;
        const [first, second] = workflow.states[0].state.actions;
        expect(workflow.name).toBe(flow);
        expect(first.transferToAcd.targetQueue.lit.name).toBe(queue);
        expect(Object.keys(second.dataTableLookup.dataTable)).toEqual([table]);
        expect(workflow.startUpRef).toBe(`/workflow/states/state[${workflow.states[0].state.refId}]`);
      }
    }),
    RUNS,
  );
});

test('whatever objects are called, a file that names them is published with those very names', () => {
  fc.assert(
    fc.property(anyName, anyName, (queue, table) => {
      const asked: string[] = [];
      const ready = preparePublish(printFlowFile(file('Flow', queue, table)), (kind, name) => {
        asked.push(`${kind} ${name}`);
        return [{ id: kind, name }];
      });
      expect(ready).not.toHaveProperty('messages');
      expect(asked).toEqual(['division Home', `queue ${queue}`, `dataTable ${table}`]);
    }),
    RUNS,
  );
});

test('any text at all is either published or refused with messages; nothing is thrown', () => {
  const anyYaml = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.json().map((text) => `inboundCall: ${text}`),
    fc.json().map((text) => `inboundCall: {name: A, tasks: ${text}}`),
  );
  fc.assert(
    fc.property(anyYaml, (text) => {
      const ready = preparePublish(text, () => []);
      expect('messages' in ready ? ready.messages.length : 1).toBeGreaterThan(0);
    }),
    RUNS,
  );
});
