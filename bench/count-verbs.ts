import type { JournalEntry } from '../providers/genesys-emulator/index.ts';
import { PRODUCTION, startPracticeOrgs } from '../providers/genesys-emulator/practice/index.ts';
import type { ReadingCounts } from './count-requests.ts';
import type { OrgContents } from './minimum.ts';
import { inScratch, runCommand, runVerb } from './scratch.ts';
import { isPoll, isToken } from './virtual-site.ts';

/**
 * What the real verbs ask of the practice org over loopback HTTP, as a person types them in a repository of their own: export, plan,
 * apply (which has nothing to do and remembers that), plan and drift.
 */
export async function countVerbs(): Promise<{ readonly counts: ReadingCounts; readonly contents: OrgContents }> {
  const practice = await startPracticeOrgs({ port: 0 });
  try {
    const counts = await inScratch({ name: PRODUCTION, url: practice.url }, async (folder) => {
      const { journal } = practice.core;
      const ask = async (codes: readonly number[], ...words: readonly string[]): Promise<readonly JournalEntry[]> => {
        const from = journal.length;
        const { code, told, said } = await runVerb(folder, PRODUCTION, [...words, '--quiet'], [], AUTHOR);
        if (!codes.includes(code ?? -1)) throw new Error(`cordboard ${words.join(' ')} ended with ${code}: ${said}${told}`);
        return journal.slice(from).filter((entry) => !isToken(entry) && !isPoll(entry));
      };
      await runCommand(folder, 'git', ['init', '--quiet']);
      const exported = await ask([0], 'export', '--all', '--org', PRODUCTION, '--commit');
      // Nothing is known to be ours yet: this plan takes over what is there.
      await ask([2], 'plan', '--org', PRODUCTION, '--out', 'plan.json');
      await ask([0], 'apply', 'plan.json');
      // Exit code 0 says that there is nothing to do.
      const plan = await ask([0], 'plan', '--org', PRODUCTION);
      const drift = await ask([0], 'drift', '--org', PRODUCTION);
      return { export: exported, plan, drift, pending: 0 };
    });
    return { counts, contents: practice.core.org(PRODUCTION).store };
  } finally {
    await practice.close();
  }
}

const AUTHOR = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'bench'],
    [`GIT_${who}_EMAIL`, 'bench@example.com'],
  ]),
);
