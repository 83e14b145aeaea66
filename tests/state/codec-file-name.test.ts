import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assetFile, documentFile, fileStem, foldName, isPlainName } from '../../state/file-name.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`file names: seed ${seed}`);

describe('fileStem', () => {
  test.each([
    { key: 'Support', stem: 'support', reason: 'a plain name stays as it is read' },
    { key: 'Main Menu/inboundcall', stem: 'main-menu_inboundcall', reason: 'a flow stays readable' },
    { key: 'Billing Tier 2', stem: 'billing-tier-2', reason: 'digits are words' },
    { key: '@only', stem: '@only', reason: 'the singleton' },
    { key: '@home', stem: '@home', reason: 'the home division' },
  ])('$key is $stem: $reason', ({ key, stem }) => {
    expect(fileStem(key)).toBe(stem);
  });

  test.each([
    { key: 'SUPPORT', reason: 'differs from Support only in case' },
    { key: 'support', reason: 'differs from Support only in case' },
    { key: 'Con', reason: 'reserved on Windows' },
    { key: 'Nul', reason: 'reserved on Windows' },
    { key: 'Com1', reason: 'reserved on Windows' },
    { key: '.git', reason: 'a folder of Git' },
    { key: 'GIT~1', reason: 'the short name of a folder of Git' },
    { key: '..', reason: 'the folder above' },
    { key: '../../etc/passwd', reason: 'a path' },
    { key: 'C:\\Windows', reason: 'a drive' },
    { key: 'Support.', reason: 'Windows drops a trailing dot' },
    { key: 'Support ', reason: 'Windows drops a trailing space' },
    { key: ' Support', reason: 'a leading space' },
    { key: 'Support  Line', reason: 'two spaces' },
    { key: 'Support-Line', reason: 'a hyphen where Support Line has a space' },
    { key: 'Support_line', reason: 'an underscore where Support/line has a slash' },
    { key: 'B\u00fcro', reason: 'NFC' },
    { key: 'Bu\u0308ro', reason: 'NFD' },
    { key: 'Su\u200bpport', reason: 'zero width' },
    { key: '\u202eSupport', reason: 'right-to-left override' },
    { key: 'Support\0', reason: 'NUL' },
    { key: '\ud800', reason: 'a lone surrogate' },
    { key: '', reason: 'nothing' },
    { key: '/', reason: 'only a slash' },
    { key: '\u53d7\u4ed8', reason: 'no Latin letter' },
    { key: 'S'.repeat(5000), reason: 'very long' },
    { key: '\u{1F600}'.repeat(500), reason: 'very long in bytes' },
    { key: 'İstanbul', reason: 'a capital that lower case makes longer' },
  ])('a key that is $reason gets a hash, and a safe name', ({ key }) => {
    const stem = fileStem(key);
    expect(stem).toMatch(/^[a-z0-9][a-z0-9_-]*--[0-9a-v]{12}$/);
    expect(isPlainName(documentFile(stem))).toBe(true);
  });

  test('trap: truncated hash id: 100,000 hostile keys have 100,000 names, also where case is ignored', () => {
    const atoms = fc.constantFrom(
      'support',
      'Support',
      'SUPPORT',
      ' ',
      '/',
      '-',
      '--',
      '_',
      '.',
      '~',
      'e\u0301',
      '\u00e9',
      '\u00df',
      'ss',
      'SS',
      'ſ',
      '\u212a',
      'k',
      '1',
      '¹',
      'İ',
      '\0',
      '\u200b',
    );
    const keys = new Set(
      fc.sample(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(atoms, { maxLength: 6 }).map((parts) => parts.join('')),
        ),
        { seed, numRuns: 180_000 },
      ),
    );
    for (let index = 0; keys.size < 100_000; index += 1) keys.add(`Queue ${index}`);
    const names = new Map<string, string>();
    for (const key of keys) {
      const name = documentFile(fileStem(key));
      expect([names.get(foldName(name)), key]).toEqual([undefined, key]);
      if (Buffer.byteLength(name) > 120 || name.split('.').length !== 2) throw new Error(`bad name ${name}`);
      names.set(foldName(name), key);
    }
    expect(names.size).toBeGreaterThanOrEqual(100_000);
  });

  test('a key made to look like the hashed name of another does not share it', () => {
    const hashed = fileStem('vip');
    const lookAlike = hashed
      .split(/-+/)
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(' ');
    expect(fileStem(lookAlike)).not.toBe(hashed);
    expect(fileStem(hashed)).not.toBe(hashed);
  });
});

describe('assetFile', () => {
  test('an asset has more dots than a document, and at most 120 bytes', () => {
    expect(assetFile('greeting', 'en-us', 'wav')).toBe('greeting.en-us.wav');
    expect(assetFile('main-menu_inboundcall', '', 'architect.yaml')).toBe('main-menu_inboundcall.architect.yaml');
    expect(assetFile('greeting', 'en-US', 'wav')).toMatch(/^greeting\.en-us--[0-9a-v]{12}\.wav$/);
    expect(assetFile('greeting', '../../x', 'wav')).not.toContain('/');
    expect(Buffer.byteLength(assetFile(fileStem('x'.repeat(500)), 'y'.repeat(500), 'architect.yaml'))).toBeLessThanOrEqual(120);
  });
});

describe('isPlainName', () => {
  test.each([
    '../a.wav',
    '..',
    '.',
    'a/b',
    'a\\b',
    '/etc/passwd',
    'C:a',
    'con.wav',
    'NUL',
    'a.wav ',
    'a.wav.',
    'a\0b',
    'a\u202eb',
    '-rf',
    '.git',
    'GIT~1',
    '',
    'a..b',
    ' a',
    'a\nb',
  ])('%j is refused', (name) => {
    expect(isPlainName(name)).toBe(false);
  });

  test.each(['greeting.en-us.wav', 'Gruß.wav', '@only.yaml', 'my file.wav'])('%j is a name', (name) => {
    expect(isPlainName(name)).toBe(true);
  });
});
