import type { PracticeItem, PracticeMap } from './practice-item.ts';

/** Texts per language. Audio is made from the text; a prompt may have text to speech alone, or a language without audio. */
const PROMPTS_SPEC: readonly (readonly [name: string, about: string, english: string, spanish: string | undefined, audio: 'both' | 'english' | 'none'])[] = [
  ['Welcome', 'First words of every call', 'Welcome to Harbor and Pine.', 'Bienvenido a Harbor and Pine.', 'both'],
  ['Closed', '', 'We are closed at the moment.', 'En este momento estamos cerrados.', 'both'],
  ['Holiday_Closed', 'Public holidays', 'We are closed for the holiday.', 'Estamos cerrados por el día festivo.', 'both'],
  ['Hold_Music', 'Two bars, again and again', 'Thank you for holding.', undefined, 'english'],
  ['Callback_Offer', '', 'Press 1 and we will call you back.', 'Pulse 1 y le devolveremos la llamada.', 'both'],
  ['Furniture_Whisper', 'Heard by the agent alone', 'Furniture call.', undefined, 'english'],
  ['Trade_Welcome', '', 'Welcome to the trade desk.', undefined, 'none'],
  ['Cafe_Greeting', 'The café: no accent in a prompt name', 'The café is open, come in.', 'La cafetería está abierta.', 'none'],
  ['Goodbye', '', 'Thank you and goodbye.', 'Gracias y hasta luego.', 'english'],
];

const language = (code: string, text: string, hasAudio: boolean): PracticeMap => ({
  language: code,
  ttsString: text,
  text,
  ...(hasAudio ? { audio: text } : {}),
});

/** A resource's `audio` is the text its sound is made from (`toneWav`). */
export const PROMPTS: readonly PracticeItem[] = PROMPTS_SPEC.map(([name, about, english, spanish, audio]) => ({
  type: 'architect_user_prompt',
  key: name,
  body: { name, ...(about === '' ? {} : { description: about }) },
  parts: {
    resources: [language('en-us', english, audio !== 'none'), ...(spanish === undefined ? [] : [language('es-us', spanish, audio === 'both')])],
  },
}));
