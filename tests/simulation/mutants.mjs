/**
 * Rules of the protocol, each with the place in the sources that keeps it and what stands there when it is left out. Only the loader of
 * simulations and the transform of mutated test runs read this; the product holds no trace of it. A place that is no longer found, or found
 * twice, is an error: the rule has moved, and this table has to follow.
 *
 * `by` names what has to catch it: lives, kills at every call of a small plan, or a file of tests.
 */
export const MUTANTS = [
  {
    rule: 'an intent is in the journal before its request is sent',
    file: 'providers/reconciler/journal.ts',
    from: "await this.write({ kind: 'intent', ...intent });",
    to: '',
    by: 'kills',
  },
  {
    rule: 'the journal is on disk before a request is sent (fsync)',
    file: 'providers/reconciler/journal.ts',
    from: 'await this.log.sync();',
    to: '',
    by: 'kills',
  },
  {
    rule: 'after a failed append nothing more is written to the journal',
    file: 'providers/reconciler/journal.ts',
    from: 'this.tail.then(work);',
    to: 'this.tail.then(work, work);',
    by: 'tests/reconciler',
  },
  {
    rule: 'a torn last record of the journal is cut',
    file: 'providers/reconciler/journal.ts',
    from: "text.lastIndexOf('\\n') + 1",
    to: 'text.length',
    by: 'tests/reconciler',
  },
  {
    rule: 'what no longer is as the plan showed it is not overwritten (before-hash)',
    file: 'providers/reconciler/update.ts',
    from: 'moved: (live) => movedSince(aim, live, site),',
    to: 'moved: () => [],',
    by: 'lives',
  },
  {
    rule: 'what no longer is as the plan showed it is not deleted (before-hash)',
    file: 'providers/reconciler/remove.ts',
    from: 'if (doomed.hash(live) !== step.before)',
    to: 'if (false)',
    by: 'tests/reconciler',
  },
  {
    rule: 'nothing is called missing whose type was not read whole in the org',
    file: 'state/plan-problems.ts',
    from: "completenessOf(live, type.name) !== 'whole'",
    to: 'false',
    by: 'lives',
  },
  {
    rule: 'nothing is deleted whose type the tree does not hold whole',
    file: 'state/going.ts',
    from: "(completenessOf(wanted, typeOf(address)) === 'whole' || isDoubted(address)) &&",
    to: '',
    by: 'tests/state',
  },
  { rule: 'over the budget nothing is deleted', file: 'state/delete-budget.ts', from: 'return tooMany.length === 0', to: 'return true', by: 'tests/state' },
  {
    rule: 'nothing is deleted that was not judged',
    file: 'providers/reconciler/carry-out.ts',
    from: 'site.deletions === undefined ? NOT_JUDGED : await site.deletions(step)',
    to: 'undefined',
    by: 'tests/reconciler',
  },
  {
    rule: 'deletions are judged again by the org as it is before the first write',
    file: 'providers/reconciler/judge-deletions.ts',
    from: 'new Map([...unread, ...holdsOfUsed(allowed.steps, live, types)])',
    to: 'new Map()',
    by: 'tests/reconciler',
  },
  {
    rule: 'what an earlier run may have sent is settled before anything is created',
    file: 'providers/reconciler/create.ts',
    from: 'if (intent !== undefined && isOpen) {',
    to: 'if (false) {',
    by: 'lives',
  },
  {
    rule: 'an unclear answer is settled before the request is sent again',
    file: 'providers/reconciler/create.ts',
    from: 'intent === undefined ? undefined : await settleCreate(aim, site, intent);',
    to: 'undefined;',
    by: 'lives',
  },
  {
    rule: 'settling lasts until no late request can come any more',
    file: 'providers/reconciler/settle.ts',
    from: 'lateCommit + readLag,',
    to: '0,',
    by: 'lives',
  },
  {
    rule: 'what somebody else made is not taken for ours',
    file: 'providers/reconciler/settle.ts',
    from: 'if (namesCreator && live.createdBy !== me) return false;',
    to: '',
    by: 'lives',
  },
  {
    rule: 'where the org takes two of one key, a look comes before creating',
    file: 'providers/reconciler/create.ts',
    from: '} else if (!aim.type.isKeyEnforced) {',
    to: '} else if (false) {',
    by: 'lives',
  },
  {
    rule: 'what lives under the key is adopted only where it is as wanted',
    file: 'providers/reconciler/create.ts',
    from: "if (isKept(aim, live)) return { address, word: 'adopted'",
    to: "if (true) return { address, word: 'adopted'",
    by: 'lives',
  },
  {
    rule: 'what was written is read back before it is called done',
    file: 'providers/reconciler/update.ts',
    from: 'if (isKept(aim, last)) return kept(aim, site, course, last, course.word);',
    to: 'return kept(aim, site, course, last, course.word);',
    by: 'tests/reconciler',
  },
  {
    rule: 'an update waits until an earlier one cannot come late any more',
    file: 'providers/reconciler/update.ts',
    from: 'tries.quietAt = clock.ticks() + patienceOf(site).lateCommit;',
    to: '',
    by: 'lives',
  },
  {
    rule: 'nothing is written once the lock was taken over',
    file: 'providers/reconciler/lock.ts',
    from: 'if (chain.at(-1)?.claim.nonce !== this.mine.nonce) throw',
    to: 'if (false) throw',
    by: 'tests/reconciler',
  },
  {
    rule: 'a lock whose holder seems alive is not taken over',
    file: 'providers/reconciler/lock.ts',
    from: 'if (holder !== undefined) await refuseIfAlive(world, folder, holder.claim);',
    to: '',
    by: 'tests/reconciler',
  },
  {
    rule: 'what this plan did before is looked for until no read may be late',
    file: 'providers/reconciler/update.ts',
    from: 'done === undefined ? readLive(aim, site) : readAgain(aim, site)',
    to: 'readLive(aim, site)',
    by: 'tests/reconciler',
  },
  {
    rule: 'a run that lost its lock does not end as if it were alone',
    file: 'providers/reconciler/apply-plan.ts',
    from: 'await site.lock?.guard();',
    to: '',
    by: 'tests/reconciler',
  },
  {
    rule: 'deferred fields stay as they live while the rest is written',
    file: 'providers/reconciler/aim.ts',
    from: 'getAt(live?.body, pointer) ?? getAt(document.body, pointer)',
    to: 'getAt(document.body, pointer)',
    by: 'tests/reconciler',
  },
  {
    rule: 'an update names the version that it changes',
    file: 'providers/genesys/writer.ts',
    from: 'const locked = versioned && versionPath !== undefined',
    to: 'const locked = false && versionPath !== undefined',
    by: 'lives',
  },
  {
    rule: 'a creating request is never repeated by the client after an unclear answer',
    file: 'providers/client/retrying.ts',
    from: 'if (!isReading(request) && (isLate(status) || !isRepeatable(request))) return FINAL;',
    to: '',
    by: 'lives',
  },
  {
    rule: 'a page that does not fit the total is not a whole list',
    file: 'providers/client/pages.ts',
    from: 'return page.rows.length === Math.min(pageSize, total - index * pageSize);',
    to: 'return true;',
    by: 'tests/client',
  },
  {
    rule: 'a document that a power loss cut off is written anew',
    file: 'providers/store/write-tree.ts',
    from: "kind === 'file' && (await isBeginning(site, path, text))",
    to: 'false',
    by: 'lives',
  },
  {
    rule: 'a document is on disk before it takes its place (fsync)',
    file: 'providers/store/write-files.ts',
    from: '{ whole: isWhole || site.written.length < (site.input.synced ?? SYNCED) }',
    to: '{}',
    by: 'tests/store',
  },
  {
    rule: 'a plan is applied to the org that it was made for',
    file: 'state/seal.ts',
    from: 'if (facts.org.id !== expected.org.id) {',
    to: 'if (false) {',
    by: 'tests/state',
  },
  {
    rule: 'a plan that was edited is refused (digest)',
    file: 'state/seal.ts',
    from: "if (typeof digest !== 'string') return false;",
    to: 'return true;',
    by: 'tests/state',
  },
];

/** The source as the mutant has it; any other file as it is. */
export function mutate(text, path, index) {
  const mutant = MUTANTS[index];
  if (mutant === undefined) throw new Error(`there is no mutant ${index}`);
  if (!path.endsWith(`/${mutant.file}`)) return text;
  const parts = text.split(mutant.from);
  if (parts.length !== 2) throw new Error(`the place of the rule "${mutant.rule}" is found ${parts.length - 1} times in ${mutant.file}, not once`);
  return parts.join(mutant.to);
}
