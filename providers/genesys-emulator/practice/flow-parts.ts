import { type FlowMap, type FlowNode, flowMap } from '../flows/flow-node.ts';

/** Pieces of Architect's flow files, as exports of real orgs spell them. */
export const literal = (value: FlowNode): FlowMap => ({ lit: value });
export const named = (name: string): FlowMap => literal({ name });
export const expression = (text: string): FlowMap => ({ exp: text });
export const NO_VALUE: FlowMap = { noValue: true };
export const seconds = (count: number): FlowMap => literal({ seconds: count });
export const promptAudio = (name: string): FlowMap => expression(`Prompt.${name}`);
export const speech = (text: string): FlowMap => ({ tts: text });

export const task = (name: string, number: number, actions: readonly FlowNode[], more: FlowMap = {}): FlowMap => ({
  task: { name, refId: `${name}_${number}`, ...more, actions: [...actions] },
});

export const state = (name: string, number: number, actions: readonly FlowNode[], more: FlowMap = {}): FlowMap => ({
  state: { name, refId: `${name}_${number}`, ...more, actions: [...actions] },
});

export const play = (name: string, audio: FlowNode): FlowMap => ({ playAudio: { name, audio } });
export const disconnect = (name = 'Disconnect'): FlowMap => ({ disconnect: { name } });
export const endTask = (): FlowMap => ({ endTask: { name: 'End Task', outputPath: { name: 'Default' } } });

export const toQueue = (queue: string, more: FlowMap = {}): FlowMap => ({
  transferToAcd: {
    name: `To ${queue}`,
    targetQueue: named(queue),
    preTransferAudio: speech('One moment please.'),
    failureTransferAudio: speech('That did not work.'),
    priority: literal(0),
    preferredAgents: NO_VALUE,
    languageSkill: NO_VALUE,
    directAgent: NO_VALUE,
    overrideInQueueFlow: NO_VALUE,
    ...more,
  },
});

export const skills = (...names: readonly string[]): FlowMap => ({ acdSkills: names.map((name) => ({ acdSkill: named(name) })) });

export const toFlow = (flow: string): FlowMap => ({
  transferToFlow: {
    name: `To ${flow}`,
    targetFlow: { name: flow },
    preTransferAudio: speech('Let me pass you on.'),
    failureTransferAudio: speech('That did not work.'),
  },
});

export const choice = (kind: string, name: string, digit: number, more: FlowMap): FlowMap => ({
  [kind]: { name, dtmf: `digit_${digit}`, globalDtmf: false, ...more },
});

export const decide = (name: string, condition: string, yes: readonly FlowNode[], no: readonly FlowNode[]): FlowMap => ({
  decision: { name, condition: expression(condition), outputs: { yes: { actions: [...yes] }, no: { actions: [...no] } } },
});

export const byHours = (group: string, outputs: Readonly<Record<string, readonly FlowNode[]>>): FlowMap => ({
  evaluateScheduleGroup: {
    name: `Hours of ${group}`,
    inServiceSchedules: NO_VALUE,
    evaluate: { now: true },
    scheduleGroup: named(group),
    emergencyGroup: NO_VALUE,
    outputs: flowMap(Object.entries(outputs).map(([name, actions]) => [name, { actions: [...actions] }] as const)),
  },
});

export const lookUp = (
  table: string,
  key: string,
  columns: Readonly<Record<string, string>>,
  found: readonly FlowNode[],
  notFound: readonly FlowNode[],
): FlowMap => ({
  dataTableLookup: {
    name: `Look up ${table}`,
    lookupValue: expression(key),
    dataTable: {
      [table]: {
        foundOutputs: flowMap(Object.entries(columns).map(([column, variable]) => [column, { var: variable }] as const)),
        failureOutputs: { errorType: NO_VALUE, errorMessage: NO_VALUE },
      },
    },
    outputs: { found: { actions: [...found] }, notFound: { actions: [...notFound] } },
  },
});

export const callModule = (module: string, inputs: FlowMap, outputs: FlowMap): FlowMap => ({
  callCommonModule: { name: `Call ${module}`, commonModule: { [module]: { ver_latestPublished: { inputs, outputs } } } },
});

export const variable = (type: string, name: string, initialValue: FlowNode = NO_VALUE, more: FlowMap = {}): FlowMap => ({
  [`${type}Variable`]: { name, initialValue, isInput: false, isOutput: false, ...more },
});

export const update = (type: string, name: string, value: FlowNode): FlowMap => ({
  updateData: { name: `Set ${name}`, statements: [{ [type]: { variable: name, value } }] },
});

const LANGUAGE: FlowMap = { defaultLanguageSkill: NO_VALUE, textToSpeech: { defaultEngine: { voice: 'Jill' } } };
export const ENGLISH: FlowMap = { 'en-us': LANGUAGE };
export const BOTH: FlowMap = { 'en-us': LANGUAGE, 'es-us': { defaultLanguageSkill: NO_VALUE, textToSpeech: { defaultEngine: { voice: 'Lupe' } } } };
export const SILENT: FlowMap = { 'en-us': { none: true } };

/** The settings that every flow for calls carries, as Architect writes them out. */
export const CALL_SETTINGS: FlowMap = {
  settingsActionDefaults: {
    playAudioOnSilence: { timeout: seconds(40) },
    detectSilence: { timeout: seconds(40) },
    callData: { processingPrompt: NO_VALUE },
    collectInput: { noEntryTimeout: seconds(5) },
    dialByExtension: { interDigitTimeout: seconds(6) },
    transferToUser: { connectTimeout: NO_VALUE },
    transferToNumber: { connectTimeout: NO_VALUE },
    transferToGroup: { connectTimeout: NO_VALUE },
    transferToFlowSecure: { connectTimeout: seconds(15) },
  },
  settingsErrorHandling: { errorHandling: { disconnect: { none: true } }, preHandlingAudio: speech('Sorry, an error occurred. Please try again later.') },
  settingsMenu: {
    extensionDialingMaxDelay: seconds(1),
    listenForExtensionDialing: literal(true),
    menuSelectionTimeout: seconds(10),
    repeatCount: literal(3),
  },
  settingsPrompts: { ensureAudioInPrompts: false, promptMediaToValidate: [{ mediaType: 'audio' }, { mediaType: 'tts' }] },
  settingsSpeechRec: {
    completeMatchTimeout: literal({ ms: 100 }),
    incompleteMatchTimeout: literal({ ms: 1500 }),
    maxSpeechLengthTimeout: seconds(20),
    minConfidenceLevel: literal(50),
  },
};

/** A whole file. `body` follows the head in the order of exports. */
export const flowFile = (root: string, name: string, division: string, body: FlowMap): FlowMap => ({ [root]: { name, division, ...body } });
