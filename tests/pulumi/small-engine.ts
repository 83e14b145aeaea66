import { isDeepStrictEqual } from 'node:util';
import type { Bag, ProviderProcess } from './provider-process.ts';
import type { Registered } from './pulumi-site.ts';

/** The text that stands for a value that is not known yet, anywhere in a bag. */
export const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

export interface Entry {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly inputs: Bag;
  readonly outputs: Bag;
}

export interface EngineStep {
  readonly op: 'same' | 'create' | 'update' | 'replace' | 'delete';
  readonly address: string;
}

export interface EngineFlags {
  /** False: the org is not read again; the state says what is there. */
  readonly refresh?: false;
  /** The one address that the run is about; all others are neither checked nor changed. */
  readonly target?: string;
}

interface RunFlags extends Pick<EngineFlags, 'target'> {
  readonly isPreview: boolean;
}

/**
 * The rules by which the Pulumi engine drives a dynamic provider, as far as this driver depends on them (pkg/resource/deploy): refresh first;
 * then check, diff and one step per registered resource, as soon as what it depends on is done; what is replaced is made anew first; deletes last and
 * backward. An unknown diff is decided by comparing old and new inputs. The state is what a stack would hold.
 */
export class SmallEngine {
  readonly state = new Map<string, Entry>();
  /** What was replaced and is still to be deleted. */
  readonly pending: Entry[] = [];

  /** Takes a resource of a stack's checkpoint. */
  hold({
    urn,
    type,
    id,
    inputs,
    outputs,
  }: {
    readonly urn: string;
    readonly type: string;
    readonly id: string;
    readonly inputs: Bag;
    readonly outputs: Bag;
  }): void {
    const name = urn.split('::').slice(3).join('::');
    this.state.set(keyOf({ type, name }), { type, name, id, inputs, outputs });
  }

  /** What the state holds of an address. */
  entry(address: string): Entry {
    const found = [...this.state.values()].find(({ inputs }) => addressOf(inputs) === address);
    if (found === undefined) throw new Error(`the state has no ${address}`);
    return found;
  }

  /** Reads everything that the state holds; what is gone goes. Answers what differs from what the state said. */
  async refresh(provider: ProviderProcess): Promise<readonly string[]> {
    const drifted: string[] = [];
    for (const [key, entry] of [...this.state]) {
      const { id, props, inputs } = await provider.read(entry.id, entry.outputs);
      if (id === '') this.state.delete(key);
      else this.state.set(key, { ...entry, id, inputs: inputs ?? entry.inputs, outputs: props });
      if (id === '' || !isDeepStrictEqual(inputs, entry.inputs)) drifted.push(addressOf(entry.inputs));
    }
    return drifted;
  }

  /** As `pulumi preview`: no step is carried out, and what would be made has no id yet. With `--refresh=false` by what the state holds. */
  async preview(provider: ProviderProcess, program: readonly Registered[], { refresh }: EngineFlags = {}): Promise<readonly EngineStep[]> {
    if (refresh !== false) await this.refresh(provider);
    return this.#run(provider, program, { isPreview: true });
  }

  /** As `pulumi destroy --yes`: no program runs, so that nothing is checked. */
  async destroy(provider: ProviderProcess): Promise<readonly EngineStep[]> {
    await this.refresh(provider);
    return this.#run(provider, [], { isPreview: false });
  }

  /** As `pulumi up --yes`: stops at the first step that fails, which this throws; what was done before stays in the state. */
  async up(provider: ProviderProcess, program: readonly Registered[], { refresh, target }: EngineFlags = {}): Promise<readonly EngineStep[]> {
    if (refresh !== false) await this.refresh(provider);
    return this.#run(provider, program, { isPreview: false, ...(target === undefined ? {} : { target }) });
  }

  async #run(provider: ProviderProcess, program: readonly Registered[], { isPreview, target }: RunFlags): Promise<readonly EngineStep[]> {
    const steps = new Map<string, EngineStep>();
    const ids = new Map<string, Promise<string>>();
    const order = [...this.state.keys()];
    let isStopped = false;
    const work = async (resource: Registered): Promise<string> => {
      const known = await Promise.all(
        resource.dependencies.map(async (urn) => [urn.split('::').slice(2).join('::'), await ids.get(urn.split('::').slice(2).join('::'))] as const),
      );
      if (isStopped) throw new Error('stopped');
      const old = this.#find(resource);
      if (target !== undefined && old !== undefined && addressOf(old.inputs) !== target) return old.id;
      const { inputs, failures } = await provider.check(old?.inputs ?? {}, withIds(resource.inputs, new Map(known)));
      if (failures.length > 0) throw new Error(failures.join('\n'));
      const op = old === undefined ? 'create' : await decide(provider, old, inputs);
      steps.set(keyOf(resource), { op, address: addressOf(inputs) });
      const made = isPreview ? undefined : await this.#carryOut(provider, resource, { op, old, inputs });
      return made?.id ?? (op === 'create' || op === 'replace' ? UNKNOWN : (old?.id ?? UNKNOWN));
    };
    for (const resource of program) {
      const id = work(resource).catch((failure: unknown) => {
        isStopped = true;
        throw failure;
      });
      ids.set(keyOf(resource), id);
    }
    const failed = (await Promise.allSettled(ids.values())).flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
    const first = failed.find(({ message }) => message !== 'stopped') ?? failed[0];
    if (first !== undefined) throw first;
    for (const entry of isPreview ? [] : this.pending.splice(0)) {
      steps.set(`replaced ${entry.id}`, { op: 'delete', address: addressOf(entry.inputs) });
      await provider.delete(entry.id, entry.outputs).catch((failure: unknown) => {
        this.pending.push(entry);
        throw failure;
      });
    }
    for (const key of order.reverse()) {
      const entry = this.state.get(key);
      if (entry === undefined || ids.has(key) || (target !== undefined && addressOf(entry.inputs) !== target)) continue;
      steps.set(key, { op: 'delete', address: addressOf(entry.inputs) });
      if (isPreview) continue;
      await provider.delete(entry.id, entry.outputs);
      this.state.delete(key);
    }
    return [...steps.values()].filter((step) => step.op !== 'same');
  }

  async #carryOut(
    provider: ProviderProcess,
    resource: Registered,
    { op, old, inputs }: { readonly op: EngineStep['op']; readonly old: Entry | undefined; readonly inputs: Bag },
  ): Promise<Entry> {
    // A replacement is checked a second time, as if there were no old one.
    const anew = op === 'replace' ? (await provider.check({}, inputs)).inputs : inputs;
    const entry = await make(provider, resource, { op, old, inputs: anew });
    if (old !== undefined && op === 'replace') this.pending.push(old);
    this.state.set(keyOf(resource), entry);
    return entry;
  }

  /** The entry of a resource, found by its name or by one that it had before. */
  #find(resource: Registered): Entry | undefined {
    for (const name of [resource.name, ...resource.aliases]) {
      const key = keyOf({ ...resource, name });
      const entry = this.state.get(key);
      if (entry === undefined) continue;
      this.state.delete(key);
      this.state.set(keyOf(resource), entry);
      return entry;
    }
    return undefined;
  }
}

async function decide(provider: ProviderProcess, old: Entry, inputs: Bag): Promise<EngineStep['op']> {
  const { changes, replaces, deleteBeforeReplace } = await provider.diff(old.id, old.outputs, inputs);
  if (deleteBeforeReplace) throw new Error('nothing is deleted before the new one is there');
  if (replaces.length > 0) return 'replace';
  const isSame = changes === 'unknown' ? isDeepStrictEqual(old.inputs, inputs) : changes === 'none';
  return isSame ? 'same' : 'update';
}

async function make(
  provider: ProviderProcess,
  { type, name }: Registered,
  { op, old, inputs }: { readonly op: EngineStep['op']; readonly old: Entry | undefined; readonly inputs: Bag },
): Promise<Entry> {
  if (old === undefined || op === 'replace') {
    const { id, props } = await provider.create(inputs);
    return { type, name, id, inputs, outputs: props };
  }
  const outputs = op === 'update' ? await provider.update(old.id, old.outputs, inputs) : old.outputs;
  return { type, name, id: old.id, inputs, outputs };
}

/** The program was told "id of <type>/<name>" for each id. */
function withIds(inputs: Bag, ids: ReadonlyMap<string, string | undefined>): Bag {
  const told = new Map([...ids].map(([key, id]) => [`id of ${key.replace('::', '/')}`, id]));
  const refs = Object.entries((inputs['refs'] ?? {}) as Record<string, string>).map(([address, id]) => [address, told.get(id) ?? id] as const);
  return { ...inputs, refs: Object.fromEntries(refs) };
}

function keyOf({ type, name }: Pick<Registered, 'type' | 'name'>): string {
  return `${type}::${name}`;
}

function addressOf(inputs: Bag): string {
  return String(inputs['address']);
}
