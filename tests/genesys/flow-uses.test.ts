import { expect, test } from '@jest/globals';
import { parseFlow } from '../../providers/genesys/flow-file.ts';
import { flowUses } from '../../providers/genesys/flow-uses.ts';
import { readFlowFile } from '../../providers/genesys-emulator/flows/flow-file.ts';
import { KINDS } from '../../providers/genesys-emulator/flows/flow-kinds.ts';
import { findReferences } from '../../providers/genesys-emulator/flows/flow-references.ts';
import { FLOWS } from '../../providers/genesys-emulator/practice/flows.ts';
import { keyOf, makeAddress, typeOf } from '../../state/address.ts';
import { getAt } from '../../state/pointer.ts';
import { makeMap } from '../../state/value.ts';

/** The uses of a flow with this one action (or root field), as `address`, `address?` for optional, `address~` for dynamic. */
function usesOf(yaml: string, root = 'inboundCall', where: 'action' | 'root' = 'action'): string[] {
  const lines = yaml.split('\n');
  const action = `  tasks:\n    - task:\n        name: T\n        refId: T_1\n        actions:\n          - ${lines.join('\n            ')}\n`;
  const { value, problems, type = '' } = parseFlow(`${root}:\n${where === 'root' ? `  ${lines.join('\n  ')}\n` : action}`);
  expect(problems).toEqual([]);
  const uses = flowUses(value!, makeAddress('flow', ['Self', type]));
  for (const use of uses) expect(getAt(makeMap([['content', value!]]), use.pointer)).toBeDefined();
  return uses.map((use) => `${use.to}${use.optional === true ? '?' : ''}${use.dynamic === true ? '~' : ''}`);
}

test.each<{ yaml: string; uses: string[]; reason: string; root?: string; where?: 'root' }>([
  { yaml: 'transferToAcd:\n  targetQueue:\n    lit:\n      name: Support & Sales', uses: ['routing_queue/Support & Sales'], reason: 'spelling a: a queue' },
  { yaml: 'transferToAcd:\n  targetQueue:\n    noValue: true', uses: [], reason: 'no value is no name' },
  { yaml: 'transferToAcd:\n  targetQueue:\n    lit:\n      name: 24/7', uses: ['routing_queue/24%2F7'], reason: 'a key is encoded' },
  { yaml: 'transferToAcd:\n  languageSkill:\n    lit:\n      name: Spanish', uses: ['routing_language/Spanish'], reason: 'a language skill' },
  {
    yaml: 'transferToAcd:\n  acdSkills:\n    - acdSkill:\n        lit:\n          name: Billing',
    uses: ['routing_skill/Billing'],
    reason: 'a skill in a list',
  },
  {
    yaml: 'transferToAcd:\n  preferredAgents:\n    - agent:\n        lit:\n          userName: ann@shop.test',
    uses: ['user/ann@shop.test'],
    reason: 'a user by login',
  },
  { yaml: 'transferToAcd:\n  directAgent:\n    lit:\n      userName: ann@shop.test', uses: ['user/ann@shop.test'], reason: 'a user by login' },
  { yaml: 'transferToAcd:\n  overrideInQueueFlow:\n    name: Hold', uses: ['flow/Hold/inqueuecall'], reason: 'spelling b: an in-queue flow' },
  {
    yaml: 'transferToAcd:\n  overrideInQueueFlow:\n    name: Hold',
    uses: ['flow/Hold/inqueueshortmessage'],
    root: 'inboundShortMessage',
    reason: 'its type follows from the flow',
  },
  { yaml: 'transferToFlow:\n  targetFlow:\n    name: After Hours', uses: ['flow/After Hours/inboundcall'], reason: 'a flow of the same type' },
  { yaml: 'transferToFlow:\n  targetFlow:\n    name: Self', uses: [], reason: 'the flow itself is no use' },
  { yaml: 'transferToFlowSecure:\n  targetFlow:\n    name: Pay', uses: ['flow/Pay/securecall'], reason: 'a secure flow' },
  {
    yaml: 'transferToFlow:\n  targetFlow:\n    name: X',
    uses: ['flow/X/outboundcall?', 'flow/X/inboundcall?'],
    root: 'outboundCall',
    reason: 'the file alone cannot tell which',
  },
  {
    yaml: 'transferToVoicemail:\n  destination:\n    group:\n      targetGroup:\n        lit:\n          name: Night',
    uses: ['group/Night'],
    reason: 'a group',
  },
  { yaml: 'transferToUser:\n  targetUser:\n    lit:\n      userName: a@b.test', uses: ['user/a@b.test'], reason: 'a user' },
  { yaml: 'transferToNumber:\n  targetNumber:\n    lit: "+4420"', uses: [], reason: 'a number is no resource' },
  {
    yaml: 'evaluateScheduleGroup:\n  scheduleGroup:\n    name: Hours\n    lit:\n      name: Hours\n  emergencyGroup:\n    lit:\n      name: Fire',
    uses: ['architect_emergency_group/Fire', 'architect_schedule_group/Hours', 'architect_schedule_group/Hours'],
    reason: 'a name that stands twice is told at both places, since a rename changes both',
  },
  {
    yaml: 'evaluateScheduleGroup:\n  inServiceSchedules:\n    lit:\n      - name: Mon\n      - name: Tue',
    uses: ['architect_schedule/Mon', 'architect_schedule/Tue'],
    reason: 'a list of literals',
  },
  {
    yaml: 'evaluateSchedule:\n  evaluationType:\n    schedule:\n      name: Xmas\n      selectedSchedule:\n        lit:\n          name: Xmas',
    uses: ['architect_schedule/Xmas', 'architect_schedule/Xmas'],
    reason: 'a schedule, with its name beside',
  },
  {
    yaml: 'callData:\n  category:\n    Web Services:\n      dataAction:\n        Get Order:\n          inputs: []',
    uses: ['integration_action/Get Order/Web Services'],
    reason: 'spelling c, twice: its name and its category',
  },
  {
    yaml: 'dataTableLookup:\n  dataTable:\n    Shops:\n      foundOutputs:\n        city:\n          var: Flow.x',
    uses: ['architect_datatable/Shops'],
    reason: 'spelling c: a data table',
  },
  {
    yaml: 'callCommonModule:\n  commonModule:\n    Greet:\n      ver_latestPublished:\n        inputs: []',
    uses: ['flow/Greet/commonmodule'],
    reason: 'spelling c: a module',
  },
  { yaml: 'callBotFlow:\n  botFlow:\n    Bot A:\n      ver_latestPublished:\n        inputs: []', uses: ['flow/Bot A/bot'], reason: 'spelling c: a bot' },
  { yaml: 'setScreenPop:\n  screenPopScript:\n    Order Screen:\n      inputs: []', uses: ['script/Order Screen'], reason: 'spelling c: a script' },
  { yaml: 'setWrapupCode:\n  wrapupCode:\n    lit:\n      name: Done', uses: ['routing_wrapup_code/Done'], reason: 'a wrap-up code' },
  { yaml: 'createCallback:\n  queue:\n    lit:\n      name: Calls', uses: ['routing_queue/Calls'], reason: 'a queue by another key' },
  { yaml: 'setFlowOutcome:\n  flowOutcome:\n    name: Sold', uses: ['flow_outcome/Sold'], reason: 'spelling b: an outcome' },
  {
    yaml: 'updateData:\n  statements:\n    - queue:\n        variable: Flow.q\n        value:\n          lit:\n            name: Calls',
    uses: ['routing_queue/Calls'],
    reason: 'a value of a type',
  },
  { yaml: 'updateData:\n  statements:\n    - string:\n        variable: Flow.q\n        value:\n          lit: Calls', uses: [], reason: 'a text is no name' },
  { yaml: 'findQueue:\n  findName:\n    lit: Calls', uses: ['routing_queue/Calls?'], reason: 'looked up at run time' },
  { yaml: 'findQueue:\n  findName:\n    exp: "\\"Calls\\""', uses: ['routing_queue/Calls?'], reason: 'an expression that is only a text' },
  { yaml: 'findSkill:\n  findName:\n    exp: Flow.skill', uses: ['routing_skill/Flow.skill~'], reason: 'a name made at run time' },
  { yaml: 'findQueueById:\n  findId:\n    exp: Flow.id', uses: ['routing_queue/Flow.id~'], reason: 'an id at run time' },
  { yaml: 'playAudio:\n  audio:\n    prompt: Prompt.Welcome', uses: ['architect_user_prompt/Welcome'], reason: 'a prompt' },
  { yaml: 'playAudio:\n  audio:\n    prompt: PromptSystem.beep', uses: [], reason: "the platform's own prompt" },
  { yaml: 'playAudio:\n  audio:\n    tts: Say Prompt.Welcome', uses: [], reason: 'a spoken text' },
  {
    yaml: 'playAudio:\n  audio:\n    exp: Append(prompt.welcome, ToAudio(PromptSystem.beep), Grammar.digits)',
    uses: ['architect_user_prompt/welcome', 'architect_grammar/digits'],
    reason: 'names in an expression, letter case of the prefix ignored',
  },
  { yaml: 'playAudio:\n  audio:\n    exp: "ToAudio(findUserPrompt(\\"Open\\"))"', uses: ['architect_user_prompt/Open?'], reason: 'looked up by a function' },
  {
    yaml: 'playAudio:\n  audio:\n    exp: "ToAudio(FindUserPrompt(Append(\\"a\\", Flow.b)))"',
    uses: ['architect_user_prompt/ToAudio(FindUserPrompt(Append("a", Flow.b)))~'],
    reason: 'dynamic, never none',
  },
  {
    yaml: 'decision:\n  condition:\n    exp: "FindFirst(Flow.list, \\"FindQueue(\\") > 0 and Flow.Prompt.x == \\"Prompt.No\\""',
    uses: [],
    reason: 'no name: another function, a variable, a text',
  },
  {
    yaml: 'decision:\n  condition:\n    exp: "FindQueue(\\"A \\\\\\"B\\\\\\"\\") == FINDQUEUE (\\"C\\")"',
    uses: ['routing_queue/A "B"?', 'routing_queue/C?'],
    reason: 'escaped quotes, blanks and letter case',
  },
  { yaml: 'decision:\n  condition:\n    exp: ToScheduleGroup(NOT_SET)', uses: [], reason: 'only types an empty value' },
  {
    yaml: 'variables:\n  - queueVariable:\n      name: Flow.q\n      initialValue:\n        lit:\n          name: Calls',
    uses: ['routing_queue/Calls'],
    where: 'root',
    reason: 'the first value of a variable',
  },
  {
    yaml: 'variables:\n  - skillCollectionVariable:\n      name: Flow.s\n      initialValue:\n        lit:\n          - name: A\n          - name: B',
    uses: ['routing_skill/A', 'routing_skill/B'],
    where: 'root',
    reason: 'of a collection',
  },
  {
    yaml: 'settingsOutboundCall:\n  contactList:\n    lit:\n      name: List\n  wrapupCode:\n    lit:\n      name: Done',
    uses: ['outbound_contact_list/List', 'routing_wrapup_code/Done'],
    root: 'outboundCall',
    where: 'root',
    reason: 'settings',
  },
  {
    yaml: 'settingsInQueueCall:\n  holdMusic:\n    lit:\n      name: Prompt.Hold_Music',
    uses: ['architect_user_prompt/Hold_Music'],
    root: 'inqueueCall',
    where: 'root',
    reason: 'a prompt as a literal',
  },
  {
    yaml: 'settingsInQueueCall:\n  holdMusic:\n    lit:\n      name: PromptSystem.on_hold_music',
    uses: [],
    root: 'inqueueCall',
    where: 'root',
    reason: "the platform's own",
  },
  {
    yaml: 'settingsErrorHandling:\n  errorHandling:\n    queue:\n      targetQueue:\n        lit:\n          name: Calls',
    uses: ['routing_queue/Calls'],
    where: 'root',
    reason: 'error handling',
  },
  {
    yaml: 'settingsActionDefaults:\n  callData:\n    category:\n      x:\n        dataAction:\n          y: 1\n    processingPrompt:\n      noValue: true',
    uses: [],
    where: 'root',
    reason: 'settings repeat the names of actions',
  },
  { yaml: 'settingsKnowledge:\n  FAQ:\n    id: x', uses: ['knowledge_base/FAQ'], root: 'botFlow', where: 'root', reason: 'a knowledge base' },
  { yaml: 'worktype:\n  name: Claim', uses: ['task_worktype/Claim'], root: 'workitem', where: 'root', reason: 'spelling b at the root' },
  {
    yaml: 'supportedLanguages:\n  en-us:\n    defaultLanguageSkill:\n      lit:\n        name: English\n    textToSpeech:\n      Genesys TTS:\n        voice: Jill',
    uses: ['routing_language/English'],
    where: 'root',
    reason: 'a language skill, and no voice',
  },
  {
    yaml: 'referencedObjects:\n  flows:\n    - flow:\n        name: B\n        type: workflow',
    uses: ['flow/B/workflow'],
    where: 'root',
    reason: 'the second place of a name in newer exports',
  },
  {
    yaml: 'menus:\n  - menu:\n      name: M\n      refId: M_1\n      choices:\n        - menuTransferToFlow:\n            name: C\n            targetFlow:\n              name: B\n        - menuTransferToAcd:\n            targetQueue:\n              lit:\n                name: Calls',
    uses: ['flow/B/inboundcall', 'routing_queue/Calls'],
    where: 'root',
    reason: 'choices of a menu',
  },
])('$reason: $uses', ({ yaml, uses, root, where }) => {
  expect(usesOf(yaml, root, where)).toEqual(uses);
});

test('a module is no call of itself', () => {
  expect(usesOf('startUpTaskActions:\n  - disconnect:\n      name: x', 'commonModule', 'root')).toEqual([]);
});

test('in the flows of the practice org we find every name that Architect binds at publish, and no other but what is looked up at run time', () => {
  let count = 0;
  for (const { body } of FLOWS) {
    const file = readFlowFile(String(body['content']));
    if ('messages' in file) throw new Error(file.messages.join());
    const bound = findReferences(file.rootKey, file.type, file.tree[file.rootKey] as never).references.filter(({ kind }) => kind !== 'division');
    const expected = bound.map(
      ({ kind, name, flowTypes, category }) =>
        `${KINDS[kind].type}/${name}${flowTypes === undefined ? '' : `/${flowTypes[0]?.toLowerCase()}`}${category === undefined ? '' : `/${category}`}`,
    );
    const flow = makeAddress('flow', [file.name, file.type.toLowerCase()]);
    const uses = flowUses(parseFlow(String(body['content'])).value!, flow).filter((use) => use.optional !== true);
    const found = uses.map((use) => `${typeOf(use.to)}/${decodeURIComponent(keyOf(use.to))}`);
    expect(new Set(found)).toEqual(new Set(expected.filter((name) => name !== flow)));
    count += found.length;
  }
  expect(count).toBeGreaterThan(40);
});
