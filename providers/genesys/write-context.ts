import type { Address } from '../../state/address.ts';
import type { Value } from '../../state/value.ts';
import { OrgFailure, type SecretSource } from '../contract.ts';
import { idsOf } from './lookup.ts';
import { addressesIn, type RequestContext } from './request-body.ts';
import type { Session } from './session.ts';

/** Ids behind every address in these values, looked up where none has been read yet; secrets told one by one, at the last moment. */
export async function writeContext(
  session: Session,
  values: readonly Value[],
  secrets: SecretSource,
): Promise<RequestContext & { readonly told: readonly string[] }> {
  const addresses = [...new Set(values.flatMap((value) => [...addressesIn(value)]))];
  const ids = await idsOf(session, addresses);
  const told: string[] = [];
  return {
    told,
    idOf: (address) => onlyId(address, ids.get(address) ?? session.names.idsOf(address)),
    secret: (name) => {
      const value = secrets(name);
      if (value === undefined) throw new OrgFailure('refused', `the secret "${name}" has no value; set it and apply again`);
      told.push(value);
      return value;
    },
  };
}

function onlyId(address: Address, ids: readonly string[]): string {
  const [id, ...others] = ids;
  if (id === undefined) throw new OrgFailure('refused', `${address} is not in the org; create it first, or correct the reference`);
  if (others.length > 0) throw new OrgFailure('refused', `${address} stands for several objects (ids ${ids.join(', ')}); rename or remove all but one`);
  return id;
}

/** For comparing bodies: a secret is as good as another, and an address stands for itself where it has no id. */
export function comparing(context: RequestContext): RequestContext {
  return {
    idOf: (address) => {
      try {
        return context.idOf(address);
      } catch {
        return address;
      }
    },
    secret: () => '',
  };
}
