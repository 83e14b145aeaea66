import { join, relative, sep } from 'node:path';
import type { Config, OrgSettings } from './config.ts';
import { platformOf } from './org-session.ts';
import type { Site } from './site.ts';

/** Where the JSON Schema of each type stands for editors. */
export function schemaFolder(config: Config): string {
  return join(config.folder, 'schemas/types');
}

/** Writes the schema of each type, and returns where a document of a type finds its own. */
export async function writeSchemas(site: Site, settings: OrgSettings): Promise<(type: string) => string | undefined> {
  const platform = platformOf(settings);
  const folder = schemaFolder(site.config());
  for (const type of platform.types.values()) {
    const text = `${JSON.stringify(platform.documentSchema(type.name), null, 2)}\n`;
    await site.world.disk.replace(join(folder, `${type.name}.schema.json`), text);
  }
  return (type) =>
    relative(join(settings.manifests, type), join(folder, `${type}.schema.json`))
      .split(sep)
      .join('/');
}
