import type { Sample } from './sample.ts';

const WELCOME = 'b0e3d1a6a1c0f7f0b5c5d5a2e3f4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c';

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
