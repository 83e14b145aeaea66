import { asDirective, isList, isMap, makeMap, sameValue, type Value, type ValueMap } from '../../state/value.ts';
import { OrgFailure } from '../contract.ts';
import { type PartChange, partPath, plainValue } from './part-change.ts';

const LONGEST_TRANSCODING = 5 * 60_000;
const LONGEST_PAUSE = 5_000;
const FIELDS = ['language', 'text', 'ttsString', 'tags'];

/** Brings a prompt's recordings to what is wanted, one language after the other, each with its fewest requests. */
export async function writeRecordings(at: string, change: PartChange): Promise<boolean> {
  const path = partPath(change.type, 'resources', change.id);
  const [live, wanted] = [byLanguage(change.live[at.slice(1)]), byLanguage(change.wanted[at.slice(1)])];
  let wrote = false;
  for (const language of live.keys()) {
    if (wanted.has(language)) continue;
    await change.session.client.call({ method: 'DELETE', path: `${path}/${encodeURIComponent(language)}`, expects: 'none' });
    wrote = true;
  }
  for (const [language, recording] of wanted)
    wrote = (await writeRecording(`${path}`, language, { before: live.get(language), after: recording }, change)) || wrote;
  return wrote;
}

function byLanguage(value: Value | undefined): ReadonlyMap<string, ValueMap> {
  const recordings = isList(value) ? value.filter(isMap) : [];
  return new Map(recordings.map((recording) => [String(recording['language']), recording]));
}

async function writeRecording(
  path: string,
  language: string,
  { before, after }: { readonly before: ValueMap | undefined; readonly after: ValueMap },
  change: PartChange,
): Promise<boolean> {
  const one = `${path}/${encodeURIComponent(language)}`;
  const [had, has] = [audioOf(before), audioOf(after)];
  const isText = before === undefined || !sameValue(textsOf(before, change), textsOf(after, change));
  if (!isText && had === has) return false;
  const { client } = change.session;
  let answer: Value = null;
  if (before === undefined) answer = (await client.call({ method: 'POST', path, body: textsOf(after, change) })).value;
  else if (isText) answer = (await client.call({ method: 'PUT', path: one, body: textsOf(after, change) })).value;
  if (had !== undefined && has === undefined) await client.call({ method: 'DELETE', path: `${one}/audio`, expects: 'none' });
  if (has !== undefined && had !== has) await uploadAudio(one, { answer, hash: has, language }, change);
  return true;
}

function audioOf(recording: ValueMap | undefined): string | undefined {
  const told = asDirective(recording?.['audio']);
  return told?.name === '$file' ? told.value : undefined;
}

function textsOf(recording: ValueMap, { context }: PartChange): ValueMap {
  return makeMap(FIELDS.flatMap((name) => (recording[name] === undefined ? [] : [[name, plainValue(recording[name], context) ?? null] as const])));
}

async function uploadAudio(path: string, { answer, hash, language }: { answer: Value; hash: string; language: string }, change: PartChange): Promise<void> {
  const { client } = change.session;
  const bytes = await change.files(hash);
  const told = isMap(answer) && typeof answer['uploadUri'] === 'string' ? answer : (await client.call({ method: 'GET', path })).value;
  const uploadUri = isMap(told) ? told['uploadUri'] : undefined;
  if (typeof uploadUri !== 'string') throw new OrgFailure('refused', `the prompt's resource for ${language} has no address to upload to`);
  await client.call({
    method: 'POST',
    path: uploadUri,
    // The platform's own tools send the token here without the word Bearer.
    auth: 'bare',
    content: { kind: 'multipart', parts: [{ name: 'file', value: bytes, fileName: `${language}.wav`, contentType: 'audio/wav' }] },
    expects: 'none',
  });
  await transcoded(path, language, change);
}

/** Only a transcoded recording is played, and shown. */
async function transcoded(path: string, language: string, { session }: PartChange): Promise<void> {
  const { clock, chance } = session.world;
  const until = clock.ticks() + LONGEST_TRANSCODING;
  for (let pause = 200; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const { value } = await session.client.call({ method: 'GET', path });
    const status = isMap(value) ? value['uploadStatus'] : undefined;
    if (status === 'transcoded') return;
    if (status === 'transcodeFailed') throw new OrgFailure('refused', `the recording for ${language} could not be transcoded; check that it is a WAV file`);
    if (clock.ticks() > until) throw new OrgFailure('unclear', `the recording for ${language} was not transcoded within 5 minutes`);
    await clock.sleep(pause * (0.8 + 0.4 * chance()));
  }
}
