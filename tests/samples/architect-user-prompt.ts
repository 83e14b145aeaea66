import type { Sample } from './sample.ts';

const WELCOME = 'baebca61b9f8d273da7ba2dceca01933801b376a2548588417f8a7224f1c5c2f';

export const sample: Sample = {
  type: 'architect_user_prompt',
  key: 'Welcome_1',
  body: {
    description: 'First words',
    resources: [
      { language: 'en-us', text: 'Welcome', ttsString: 'Welcome to us', audio: { $file: `sha256:${WELCOME}` } },
      { language: 'es-us', ttsString: 'Bienvenido', tags: { filename: ['hola.wav'] } },
    ],
  },
  files: { [WELCOME]: 'RIFF....WAVE of a welcome' },
};
