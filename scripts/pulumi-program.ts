/** What the Pulumi engine runs (`main` in Pulumi.yaml): one resource per document of the stack's org, one per deferred edge. */
import { registerStack } from '../providers/pulumi/register.ts';
import { programResources } from '../providers/pulumi/resources.ts';
import { hasErrors, Refused } from '../state/problem.ts';
import { engineSite, sayProblems } from './pulumi-site.ts';
import { findProblems, readWanted } from './wanted.ts';

await registerStack(async (stack) => {
  const wanted = await readWanted(engineSite(), stack);
  const { resources, problems } = programResources(stack, wanted.tree.documents, wanted.platform.types);
  const found = [...findProblems(wanted), ...problems];
  // All at once and before anything is registered: the engine itself stops at the first resource that is wrong.
  if (hasErrors(found)) throw new Refused(found.filter(({ severity }) => severity === 'error'));
  return resources;
}, sayProblems);
