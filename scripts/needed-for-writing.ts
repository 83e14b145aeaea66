import { typeOf } from '../state/address.ts';
import type { Step } from '../state/change.ts';
import type { Document } from '../state/document.ts';
import type { Plan } from '../state/plan.ts';
import { walk } from '../state/pointer.ts';
import type { Problem } from '../state/problem.ts';
import type { TypeTable } from '../state/resource-type.ts';
import { asDirective } from '../state/value.ts';

/** Every secret that carrying the plan out would send and nobody has set: a problem each, before the first write. */
export function missingSecrets(plan: Plan, types: TypeTable, secret: (name: string) => string | undefined): readonly Problem[] {
  return plan.steps
    .filter((step) => isWritten(step) && (types.get(typeOf(step.address))?.secrets.length ?? 0) > 0)
    .flatMap((step) => (step.document === undefined ? [] : missingSecretsOf(step.document, secret)));
}

/** The same of one document that is to be written. */
export function missingSecretsOf(document: Document, secret: (name: string) => string | undefined): readonly Problem[] {
  return named(document, '$secret')
    .filter(({ name }) => secret(name) === undefined)
    .map(({ name, pointer }): Problem => {
      const message = `the secret "${name}" is not set`;
      return { code: 'SECRET_MISSING', severity: 'error', message, hint: `set ${name} in the environment or in .env`, at: document.address, pointer };
    });
}

/** Every file whose content the plan would upload and nobody has. */
export async function missingFiles(plan: Plan, has: (hash: string) => Promise<boolean>): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const step of plan.steps.filter(isWritten)) {
    if (step.document === undefined) continue;
    for (const { name, pointer } of named(step.document, '$file')) {
      if (await has(name)) continue;
      const hint = 'the manifests changed since the plan was made: plan again, or bring the file back';
      problems.push({ code: 'FILE_MISSING', severity: 'error', message: `no file has the planned content (${name})`, hint, at: step.address, pointer });
    }
  }
  return problems;
}

function isWritten(step: Step): boolean {
  return step.action === 'create' || ((step.action === 'update' || step.action === 'adopt') && step.changes.length > 0);
}

function named(document: Document, directive: '$secret' | '$file'): readonly { readonly name: string; readonly pointer: string }[] {
  return [...walk(document.body)].flatMap(({ pointer, value }) => {
    const found = asDirective(value);
    return found?.name === directive ? [{ name: found.value, pointer }] : [];
  });
}
