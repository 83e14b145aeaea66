import { type Address, edgeAddress, keyParts, makeAddress, typeOf } from './address.ts';
import { hashOf } from './canonical.ts';
import type { ResourceType } from './resource-type.ts';

/** So many characters of the old name are kept in a temporary one: people shall know it again, and no org shall find it too long. */
const KEPT = 40;

/**
 * The name that an object has for a moment, while another takes its own: a rename ring passes through it, and what is replaced waits under it.
 * Always the same for one address, so that it is known again after a run was killed.
 */
export function temporaryAddress(address: Address, type: ResourceType): Address {
  const parts = keyParts(address) ?? [];
  const at = parts.length - Math.max(1, type.keyFields.length);
  const tag = `cordboard-${hashOf(address).slice('sha256:'.length, 'sha256:'.length + 8)}`;
  const name = type.temporaryName ?? defaultName;
  return makeAddress(
    typeOf(address),
    parts.map((part, index) => (index === at ? name(part, tag) : part)),
  );
}

function defaultName(name: string, tag: string): string {
  return `${[...name].slice(0, KEPT).join('').trimEnd()} ~${tag}`;
}

/** Whether an object is called by a temporary name, of whatever address it was made. */
export function isTemporary(address: Address): boolean {
  return /cordboard[-_][0-9a-f]{8}/.test(address);
}

/** Where the deletion of what was moved aside stands in a plan: its own address is taken by the step that moves it. */
export function replacedAddress(aside: Address): Address {
  return edgeAddress(aside, '/~replaced');
}
