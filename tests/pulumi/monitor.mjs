/**
 * Runs the compiled Pulumi program of the folder it is started in (its first argument is the stack) against a monitor that records what is
 * registered, and prints that as JSON. Ids are answered as "id of <type>/<name>"; with "unknown" as the second argument none is known, as in
 * the preview of new resources.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const program = join(process.cwd(), 'pulumi-program.js');
const { runtime } = createRequire(program)('@pulumi/pulumi');
const [stack, ids] = process.argv.slice(2);

const registered = [];
await runtime.setMocks(
  {
    newResource: ({ type, name, inputs }) => ({ id: ids === 'unknown' ? undefined : `id of ${type}/${name}`, state: inputs }),
    call: ({ inputs }) => inputs,
  },
  'cordboard',
  stack,
  ids === 'unknown',
);
const monitor = runtime.getMonitor();
const register = monitor.registerResource.bind(monitor);
monitor.registerResource = (request, answer) => {
  const [type, name] = [request.getType(), request.getName()];
  const aliases = request.getAliasesList().map((alias) => alias.getSpec()?.getName() ?? '');
  const inputs = request.getObject().toJavaScript();
  if (type !== 'pulumi:pulumi:Stack')
    registered.push({ type, name, inputs, protect: request.getProtect(), aliases, dependencies: request.getDependenciesList() });
  return register(request, answer);
};
process.once('beforeExit', () => process.stdout.write(JSON.stringify(registered)));
await import(pathToFileURL(program).href);
