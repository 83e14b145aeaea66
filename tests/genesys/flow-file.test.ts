import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { normaliseFlow, parseFlow, parseFlowOf, placeholderFlow, printFlow } from '../../providers/genesys/flow-file.ts';
import { rootKeyOfType, typeOfRootKey } from '../../providers/genesys/flow-names.ts';
import { flowProblems } from '../../providers/genesys/flow-uses.ts';
import { exportFlow } from '../../providers/genesys-emulator/flows/export-flow.ts';
import { readFlowFile } from '../../providers/genesys-emulator/flows/flow-file.ts';
import { FLOWS } from '../../providers/genesys-emulator/practice/flows.ts';
import { makeAddress } from '../../state/address.ts';
import { isList, isMap, makeMap, sameValue, type Value } from '../../state/value.ts';
import { makeChance } from '../worlds/simulated-world.ts';

// Long because every rule is shown on whole flow files, which are texts of many lines.
const EXPORTED = `inboundCall:
  name: Main Menu
  division: Home
  startUpRef: "/inboundCall/tasks/task[Check Hours_47]"
  supportedLanguages:
    en-us:
      none: true
  menus:
    - menu:
        name: Choices
        refId: Choices_12
        choices:
          - menuTask:
              name: Orders
              refId: Orders_31
              dtmf: digit_1
          - menuJumpToTask:
              name: Shops
              targetTaskRef: /inboundCall/tasks/task[Check Hours_47]
        defaultChildMenuRef: ./choices/menuTask[Orders_31]
  tasks:
    - task:
        name: Check Hours
        refId: Check Hours_47
        actions:
          - jumpToMenu:
              name: Go
              targetMenuRef: /inboundCall/menus/menu[Choices_12]
          - decision:
              name: Known?
              outputs:
                yes:
                  actions: []
                "no":
                  actions: []
`;

const NORMAL = `inboundCall:
  name: Main Menu
  startUpRef: /inboundCall/tasks/task[Check Hours_3]
  supportedLanguages:
    en-us:
      none: true
  menus:
    - menu:
        name: Choices
        refId: Choices_1
        defaultChildMenuRef: "./choices/menuTask[Orders_2]"
        choices:
          - menuTask:
              name: Orders
              refId: Orders_2
              dtmf: digit_1
          - menuJumpToTask:
              name: Shops
              targetTaskRef: /inboundCall/tasks/task[Check Hours_3]
  tasks:
    - task:
        name: Check Hours
        refId: Check Hours_3
        actions:
          - jumpToMenu:
              name: Go
              targetMenuRef: /inboundCall/menus/menu[Choices_1]
          - decision:
              name: Known?
              outputs:
                "no":
                  actions: []
                "yes":
                  actions: []
`;

const read = (text: string): Value => {
  const { value, problems } = parseFlow(text);
  expect(problems).toEqual([]);
  return value!;
};

test('an exported file becomes a tree without name and division, whose refIds count the containers in order', () => {
  const reading = parseFlow(EXPORTED);
  expect(reading).toMatchObject({ problems: [], type: 'inboundcall', head: { name: 'Main Menu', division: 'Home' } });
  expect(printFlow(reading.value!, { name: 'Main Menu' })).toBe(NORMAL);
  expect((reading.value as { inboundCall: object }).inboundCall).not.toHaveProperty('name');
});

test('a file written by hand, with references from where they stand, becomes the same tree as its export', () => {
  const byHand = EXPORTED.replaceAll('Check Hours_47', 'hours')
    .replaceAll('Choices_12', 'top')
    .replaceAll('Orders_31', 'o')
    .replaceAll('/inboundCall/tasks/task[hours]', './tasks/task[hours]')
    .replace('/inboundCall/menus/menu[top]', './menus/menu[top]')
    .replaceAll('\n', '\r\n');
  expect(printFlow(read(byHand), { name: 'Main Menu' })).toBe(NORMAL);
});

test('a refId that several containers have means the nearest', () => {
  const menu = (name: string) => ({
    menu: { name, refId: name, choices: [{ menuTask: { name: 'Go', refId: 'go' } }], defaultChildMenuRef: './choices/menuTask[go]' },
  });
  const printed = printFlow(normaliseFlow({ inboundCall: { menus: [menu('A'), menu('B')] } }));
  expect(printed.match(/menuTask\[.*\]/g)).toEqual(['menuTask[Go_2]', 'menuTask[Go_4]']);
});

test('a reference that leads nowhere is left as it is, and told', () => {
  const tree = read('inboundCall:\n  startUpRef: /inboundCall/tasks/task[Gone_1]\n  tasks: []\n');
  expect(printFlow(tree)).toContain('task[Gone_1]');
  expect(flowProblems(tree, makeAddress('flow', ['X', 'inboundcall']))).toMatchObject([
    { code: 'FLOW_REF_NOT_FOUND', pointer: '/content/inboundCall/startUpRef' },
  ]);
});

test('two exports of a flow of the practice org are different files and the same tree', () => {
  expect(FLOWS.length).toBeGreaterThan(10);
  for (const { body } of FLOWS) {
    const file = readFlowFile(String(body['content']));
    if ('messages' in file) throw new Error(file.messages.join());
    const content = { rootKey: file.rootKey, tree: file.tree, references: [], platform: [] };
    const exports = [1, 2, 3].map((seed) =>
      exportFlow(content, { flow: file.name, division: 'Home', description: file.description ?? '', of: () => '' }, makeChance(seed)),
    );
    expect(new Set(exports).size).toBe(3);
    const printed = exports.map((text) => printFlow(read(text), { name: file.name, division: 'Home' }));
    expect(new Set(printed).size).toBe(1);
    expect(flowProblems(read(exports[0]!), makeAddress('flow', [file.name, 'x']))).toEqual([]);
    // What we print is what Architect reads: the same flow in its own eyes.
    const again = readFlowFile(printed[0]!);
    expect('messages' in again ? again.messages : again.name).toBe(file.name);
    expect(
      printFlow(
        read(
          exportFlow(
            { ...content, tree: (again as typeof file).tree },
            { flow: file.name, division: 'Home', description: file.description ?? '', of: () => '' },
            makeChance(9),
          ),
        ),
        { name: file.name, division: 'Home' },
      ),
    ).toBe(printed[0]);
  }
});

test.each([
  { yaml: 'yes: 1', text: '"yes": 1', reason: 'yes is a key, not a truth value' },
  { yaml: 'n: no', text: '"n": "no"', reason: 'no is a text' },
  { yaml: 'a: 007', text: 'a: "007"', reason: 'a number that would not print so is a text' },
  { yaml: 'a: 1.50', text: 'a: "1.50"', reason: 'a version, a name: every character counts' },
  { yaml: 'a: 1e3', text: 'a: "1e3"', reason: 'as above' },
  { yaml: 'a: 1.5', text: 'a: 1.5', reason: 'a number' },
  { yaml: 'a: -3', text: 'a: -3', reason: 'a number' },
  { yaml: 'a: 9007199254740993', text: 'a: 9007199254740993', reason: 'an integer keeps every digit' },
  { yaml: 'a: "7"', text: 'a: "7"', reason: 'a text of digits' },
  { yaml: 'a:', text: 'a: null', reason: 'nothing is null' },
  { yaml: 'a: true', text: 'a: true', reason: 'a truth value' },
  { yaml: 'a: ""', text: 'a: ""', reason: 'an empty text is not nothing' },
  { yaml: '7: x', text: '"7": x', reason: 'keys are texts' },
  { yaml: 'a: 2024-01-01', text: 'a: "2024-01-01"', reason: 'a date is a text' },
  { yaml: 'a: "1\\n2"', text: 'a: "1\\n2"', reason: 'never folded' },
  { yaml: 'a: |\n    1\n    2', text: 'a: "1\\n2\\n"', reason: 'one line for each text' },
  { yaml: 'a: []', text: 'a: []', reason: 'empty stays empty' },
  { yaml: 'a: "\\u202ex"', text: 'a: "\\u202ex"', reason: 'what nobody sees is shown' },
  { yaml: 'a: Prompt.Welcome', text: 'a: Prompt.Welcome', reason: 'plain where safe' },
  { yaml: 'a: "x: y"', text: 'a: "x: y"', reason: 'quoted where not' },
])('$yaml is printed as $text, because $reason', ({ yaml, text }) => {
  const value = read(`workflow:\n  ${yaml}\n`);
  expect(printFlow(value)).toBe(`workflow:\n  ${text}\n`);
  expect(sameValue(read(printFlow(value)), value)).toBe(true);
});

test.each([
  { text: 'inboundCall:\n  name: {{flow_name}}\n', code: 'FLOW_TEMPLATE', line: 2, reason: 'a place in a template' },
  { text: 'inboundCall:\n  {{extra}}: 1\n', code: 'FLOW_TEMPLATE', line: 2, reason: 'as a key' },
  { text: 'inboundCall:\n\tname: x\n', code: 'YAML_SYNTAX', line: 2, reason: 'a tab' },
  { text: 'a: 1\nb: 2\n', code: 'FLOW_ROOT', line: 1, reason: 'two roots' },
  { text: '- a\n', code: 'FLOW_ROOT', line: 1, reason: 'a list' },
  { text: '', code: 'FILE_EMPTY', line: 1, reason: 'nothing' },
  { text: 'inboundCall:\n  a: &x 1\n  b: *x\n', code: 'YAML_ANCHOR', line: 2, reason: "anchors are not Architect's" },
  { text: 'inboundCall:\n  a: 1\n  a: 2\n', code: 'DUPLICATE_KEY', line: 3, reason: 'a key twice' },
  { text: 'inboundCall:\n  a: |\n<<<<<<< HEAD\n', code: 'MERGE_CONFLICT', line: 3, reason: 'a conflict' },
  { text: `inboundCall: ${'['.repeat(100_000)}\n`, code: 'FILE_TOO_DEEP', line: 1, reason: 'a bomb' },
])('a file that cannot be read is a problem with its line: $reason', ({ text, code, line }) => {
  const reading = parseFlow(text, 'x.yaml');
  expect(reading.value).toBeUndefined();
  expect(reading.problems[0]).toMatchObject({ code, place: { file: 'x.yaml', line } });
});

test('a template in quotes is a text like any other', () => {
  expect(read('workflow:\n  a: "Hi {{name}}"\n')).toEqual(makeMap([['workflow', makeMap([['a', 'Hi {{name}}']])]]));
});

test('a place inside the tree is told by line', () => {
  const { place } = parseFlow(EXPORTED, 'm.yaml');
  expect(place('/inboundCall/tasks/0/task/actions/1/decision/name')).toMatchObject({ file: 'm.yaml', line: 30 });
});

test.each([
  { change: (text: string) => text, codes: [], reason: 'all agrees' },
  { change: (text: string) => text.replace(/ {2}name: Main Menu\n/, ''), codes: [], reason: 'the key counts, the file need not say it' },
  { change: (text: string) => text.replace('Main Menu', 'Other'), codes: ['FLOW_NAME_DIFFERS'], reason: 'another name' },
  { change: (text: string) => text.replace('inboundCall:', 'workflow:'), codes: ['FLOW_TYPE_DIFFERS'], reason: 'another type' },
  { change: (text: string) => text.replace('Menu\n', 'Menu\n  division: Home\n'), codes: ['FLOW_DIVISION_TWICE'], reason: 'a division in two places' },
])('the file beside a document says what the document says: $reason', ({ change, codes }) => {
  const { problems, value } = parseFlowOf(makeAddress('flow', ['Main Menu', 'inboundcall']), change(NORMAL), 'x.yaml');
  expect(problems.map((problem) => problem.code)).toEqual(codes);
  expect(value === undefined).toBe(codes.length > 0);
});

test('the smallest flow of each type is a flow in the eyes of Architect, and changes nothing when normalised', () => {
  for (const root of [
    'inboundCall',
    'outboundCall',
    'secureCall',
    'inqueueCall',
    'inboundShortMessage',
    'inboundChat',
    'workflow',
    'inboundEmail',
    'workitem',
    'surveyInvite',
    'commonModule',
    'botFlow',
    'digitalBot',
    'voicemail',
  ]) {
    const tree = placeholderFlow(root);
    expect(sameValue(normaliseFlow(tree), tree)).toBe(true);
    expect(flowProblems(tree, makeAddress('flow', ['X', typeOfRootKey(root)]))).toEqual([]);
    const file = readFlowFile(printFlow(tree, { name: 'X', division: 'Home' }));
    expect('messages' in file ? file.messages : [file.rootKey, file.name, file.division]).toEqual([root, 'X', 'Home']);
    expect(rootKeyOfType(typeOfRootKey(root))).toBe(root);
  }
});

// Random flows: menus with choices, tasks, states; references between them; odd names, keys and values.
const name = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !/[\p{Cs}\ufffe\uffff]/u.test(text)),
  fc.constantFrom('Main', 'no', '12', 'a_7', 'x[y]', 'Menu & Co?', ' lead', 'Ünïcode'),
);
const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => !/[\p{Cs}\ufffe\uffff]/u.test(text)),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(null),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 64n }),
  fc.constantFrom('', '007', 'yes', '1e3', '{{x}}', '- a', '# b', 'a: b', '<<'),
);
const data: fc.Arbitrary<Value> = fc.letrec<{ node: Value }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('node'), { maxLength: 3 }),
    fc
      .dictionary(
        name.filter((key) => !/Ref$|^refId$/.test(key)),
        tie('node'),
        { maxKeys: 3 },
      )
      .map((map) => makeMap(Object.entries(map))),
  ),
})).node;

interface Part {
  readonly name: string;
  readonly data: Value;
}
const part = fc.record({ name, data });
const shape = fc.record({
  menus: fc.array(fc.record({ menu: part, choices: fc.array(part, { maxLength: 3 }) }), { maxLength: 3 }),
  tasks: fc.array(part, { minLength: 1, maxLength: 4 }),
  targets: fc.array(fc.nat(), { maxLength: 5 }),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

/** The file of a random flow with these numbers behind the names, its root keys in this order. */
function fileOf({ menus, tasks, targets }: Shape, number: () => number, isReversed: boolean): string {
  const id = (part: Part) => `${part.name}_${number()}`;
  const taskIds = tasks.map(id);
  const ref = (at: number) => `/inboundCall/tasks/task[${taskIds[at % taskIds.length]}]`;
  const inner: [string, unknown][] = [
    ['name', 'Random'],
    ['division', 'Home'],
    ['startUpRef', ref(0)],
    [
      'menus',
      menus.map(({ menu, choices }) => {
        const ids = choices.map(id);
        return {
          menu: {
            name: menu.name,
            refId: id(menu),
            extra: menu.data,
            choices: choices.map((choice, index) => ({ menuTask: { name: choice.name, refId: ids[index], extra: choice.data } })),
            ...(ids.length === 0 ? {} : { defaultChildMenuRef: `./choices/menuTask[${ids.at(-1)}]` }),
          },
        };
      }),
    ],
    [
      'tasks',
      tasks.map((task, index) => ({
        task: {
          name: task.name,
          refId: taskIds[index],
          extra: task.data,
          actions: targets.map((at) => ({ jumpToTask: { name: 'J', targetTaskRef: ref(at) } })),
        },
      })),
    ],
  ];
  return stringify({ inboundCall: Object.fromEntries(isReversed ? [...inner].reverse() : inner) }, { lineWidth: 0, aliasDuplicateObjects: false });
}

test('renaming every refId and turning the keys round changes no byte of the normalised flow', () => {
  fc.assert(
    fc.property(shape, fc.nat(), (flow, start) => {
      let [up, down] = [0, 1_000_000 + start];
      const left = parseFlow(
        fileOf(
          flow,
          () => {
            up += 1;
            return up;
          },
          false,
        ),
      );
      const right = parseFlow(
        fileOf(
          flow,
          () => {
            down -= 7;
            return down;
          },
          true,
        ),
      );
      expect(left.problems).toEqual([]);
      expect(printFlow(right.value!, { name: 'Random' })).toBe(printFlow(left.value!, { name: 'Random' }));
    }),
    { numRuns: 120 },
  );
});

test('normalising twice changes nothing, and what is printed is read as the same tree', () => {
  fc.assert(
    fc.property(shape, fc.nat(), (flow, start) => {
      let next = start;
      const tree = read(
        fileOf(
          flow,
          () => {
            next += 3;
            return next;
          },
          true,
        ),
      );
      expect(sameValue(normaliseFlow(tree), tree)).toBe(true);
      const text = printFlow(tree, { name: 'Random', division: 'A: b' });
      const again = parseFlow(text);
      expect(again.head).toEqual({ name: 'Random', division: 'A: b' });
      expect(sameValue(again.value, tree)).toBe(true);
      expect(printFlow(again.value!, { name: 'Random', division: 'A: b' })).toBe(text);
    }),
    { numRuns: 120 },
  );
});

test('any value at all survives print and parse', () => {
  fc.assert(
    fc.property(data, (value) => {
      const tree = normaliseFlow(makeMap([['workflow', makeMap([['x', value]])]]));
      const { value: back, problems } = parseFlow(printFlow(tree));
      expect(problems).toEqual([]);
      expect(sameValue(back, tree)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('a flow of 800 KB is read, normalised and printed in seconds', () => {
  const actions = Array.from({ length: 6_000 }, (_, index) => ({
    playAudio: { name: `Say ${index}`, audio: { tts: `Sentence number ${index} for the caller to hear.` } },
  }));
  const text = stringify({ inboundCall: { name: 'Big', startUpRef: './tasks/task[a]', tasks: [{ task: { name: 'A', refId: 'a', actions } }] } });
  expect(text.length).toBeGreaterThan(800_000);
  const from = process.cpuUsage();
  const tree = read(text);
  expect(printFlow(tree, { name: 'Big' }).length).toBeGreaterThan(700_000);
  const { user, system } = process.cpuUsage(from);
  process.stdout.write(`flow file: ${text.length} bytes read, normalised and printed in ${Math.round((user + system) / 1_000)} ms of CPU\n`);
  expect(isMap(tree) && !isList(tree)).toBe(true);
});
