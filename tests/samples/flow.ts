import { ref, type Sample } from './sample.ts';

export const sample: Sample = {
  type: 'flow',
  key: 'Main Menu/inboundcall',
  body: {
    division: ref('auth_division/Stores'),
    content: {
      inboundCall: {
        description: 'The first flow',
        startUpRef: '/inboundCall/tasks/task[#1]',
        initialGreeting: { tts: 'Hello' },
        defaultLanguage: 'en-us',
        supportedLanguages: { 'en-us': { defaultLanguageSkill: { noValue: true }, textToSpeech: { defaultEngine: { voice: 'Jill' } } } },
        tasks: [
          {
            task: {
              name: 'Start',
              refId: '#1',
              actions: [{ transferToAcd: { name: 'To Support', targetQueue: { lit: { name: 'Support' } } } }, { disconnect: { name: 'Disconnect' } }],
            },
          },
        ],
      },
    },
  },
  lasting: ['content'],
};
