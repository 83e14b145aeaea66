import type { EmulatorCore } from '../../providers/genesys-emulator/index.ts';
import { isJsonList, isJsonMap } from '../../providers/genesys-emulator/json.ts';
import { identityOf, type Thing } from '../../providers/genesys-emulator/store.ts';
import { nameOf } from './org-portrait.ts';

/** Looks at an org at the instant of every write to it, and notes what must never be, even for an instant. */
export class CommitWatch {
  readonly offences: string[] = [];
  readonly #core: EmulatorCore;
  readonly #org: string;
  readonly #wanted: ReadonlySet<string>;
  readonly #foreign: ReadonlySet<string>;

  /** `wanted`: names of what the manifests hold. Whatever else lives now is somebody else's. */
  constructor(core: EmulatorCore, org: string, wanted: ReadonlySet<string>) {
    this.#core = core;
    this.#org = org;
    this.#wanted = wanted;
    const { store } = core.org(org);
    const things = store.types().flatMap((type) => store.all(type));
    this.#foreign = new Set(things.filter((thing) => !wanted.has(nameOf(core, org, thing))).map((thing) => thing.id));
    core.onCommit((at, { action }, thing) => {
      if (at === org) this.#look(action, thing);
    });
  }

  #look(action: string, thing: Thing): void {
    const name = nameOf(this.#core, this.#org, thing);
    const note = (what: string) => this.offences.push(`${action} of ${name} (${thing.id}): ${what}`);
    if (this.#foreign.has(thing.id)) note('it is somebody else’s');
    else if (!this.#wanted.has(name)) note('nobody asked for it');
    if (action === 'delete') note('nothing may be deleted');
    const twins = this.#core.org(this.#org).store.withKey(thing.type, thing.scope, identityOf(thing.type, thing.body));
    if (twins.length !== 1 && action !== 'delete') note(`${twins.length} live under this key: ${twins.map((twin) => twin.id).join(', ')}`);
    for (const [part, items] of Object.entries(thing.parts)) {
      const ids = isJsonList(items) ? items.filter(isJsonMap).map((item) => item['id'] ?? item['language']) : [];
      if (new Set(ids).size !== ids.length) note(`its ${part} hold something twice`);
    }
  }
}
