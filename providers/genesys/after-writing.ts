import { isReading, type OrgClient } from '../client/org-client.ts';
import { type FailureKind, OrgFailure } from '../contract.ts';
import type { Session } from './session.ts';

/** What is said of the object itself, as it is now; true whatever was sent before. */
const OF_THE_OBJECT: readonly FailureKind[] = ['conflict', 'gone'];

/**
 * A session for one piece of work that is more than one request. Until it has written something, each failure says what it says; from then on
 * a failed request says nothing of the whole, a part of which was carried out: that is `unclear`, and is looked at before it is named.
 */
export function watchingWrites(session: Session): Session {
  let hasWritten = false;
  const client: OrgClient = {
    async call(request) {
      try {
        const answer = await session.client.call(request);
        hasWritten ||= !isReading(request);
        return answer;
      } catch (failure) {
        throw hasWritten ? unclearAfterWriting(failure, OF_THE_OBJECT) : failure;
      }
    },
  };
  return { ...session, client };
}

/** Work that only follows what was written: where it fails, what was written may be there all the same. */
export async function afterWriting<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (failure) {
    throw unclearAfterWriting(failure);
  }
}

/** The failure as one of the whole. What is no failure of the org stays what it is. */
function unclearAfterWriting(failure: unknown, kept: readonly FailureKind[] = []): unknown {
  if (!(failure instanceof OrgFailure) || failure.kind === 'unclear' || kept.includes(failure.kind)) return failure;
  const { status, code, correlationId, permissions } = failure;
  return new OrgFailure('unclear', failure.message, {
    permissions,
    cause: failure,
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
    ...(correlationId === undefined ? {} : { correlationId }),
  });
}
