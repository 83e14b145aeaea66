import { join, relative, sep } from 'node:path';
import type { Config, OrgSettings } from './config.ts';
import { platformOf } from './org-session.ts';
import type { Site } from './site.ts';

/** Where the JSON Schema of each type stands for editors. */
export function schemaFolder(config: Config): string {
  return join(config.folder, 'schemas/types');
}

/** Writes the schema of each type, where it is not what stands there. */
export async function writeSchemas(site: Site, settings: OrgSettings): Promise<void> {
  const platform = platformOf(settings);
  const { disk } = site.world;
  for (const type of platform.types.values()) {
    const file = join(schemaFolder(site.config()), `${type.name}.schema.json`);
    const text = `${JSON.stringify(platform.documentSchema(type.name), null, 2)}\n`;
    const isThere = (await disk.kind(file)) === 'file' && Buffer.from(await disk.read(file)).equals(Buffer.from(text));
    if (!isThere) await disk.replace(file, text);
  }
}

/** Where a document of a type finds its schema, seen from its own folder. */
export function schemaPath(site: Site, settings: OrgSettings): (type: string) => string {
  const folder = schemaFolder(site.config());
  return (type) =>
    relative(join(settings.manifests, type), join(folder, `${type}.schema.json`))
      .split(sep)
      .join('/');
}
