import { openRepository, type Repository } from '../providers/git/repository.ts';
import { nodeWorld } from '../providers/node-world.ts';
import type { World } from '../providers/world.ts';
import { type Config, readConfig } from './config.ts';
import { type Environment, readEnvironment } from './environment.ts';
import type { View } from './view/view.ts';

/** Options that every verb has. */
export interface CommonOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Where a verb runs: its view and world, what the person configured, and the signal of Ctrl-C. */
export interface Site {
  readonly view: View;
  readonly world: World;
  readonly signal: AbortSignal;
  /** Read when first asked for, so that a verb that needs none does not fail for want of it. */
  readonly config: () => Config;
  readonly environment: () => Environment;
  readonly repository: () => Promise<Repository | undefined>;
}

export function makeSite(options: CommonOptions, view: View, signal: AbortSignal): Site {
  const config = once(() => readConfig(options.config));
  return {
    view,
    world: nodeWorld(),
    signal,
    config,
    environment: once(() => readEnvironment(config().folder)),
    repository: once(() => openRepository(config().folder)),
  };
}

function once<Result>(make: () => Result): () => Result {
  let made: { readonly value: Result } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
