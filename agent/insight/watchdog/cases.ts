/** What a session can be stuck in, and the two kinds of leftovers that are no sessions. */
export const sessionCases = [
  'client-read',
  'copy-stalled',
  'client-write',
  'idle-in-transaction',
  'aborted-transaction',
  'long-transaction',
  'long-query',
  'lock-head',
] as const
export type SessionCase = (typeof sessionCases)[number]

export const leftoverCases = ['prepared-transaction', 'inactive-slot'] as const
export type LeftoverCase = (typeof leftoverCases)[number]

export const cases = [...sessionCases, ...leftoverCases] as const
export type Case = (typeof cases)[number]

export function isLeftoverCase(which: Case): which is LeftoverCase {
  return leftoverCases.some((one) => one === which)
}

/**
 * Why pg_cancel_backend changes nothing in a case, though it returns true: the backend waits for its client and takes the signal only
 * in the middle of a statement. Seen on PostgreSQL 14 to 18, and kept by tests on real servers.
 */
export const noCancel: ReadonlyMap<Case, string> = new Map<Case, string>([
  ['client-read', 'a cancel has no effect on a session that waits for the next message of its client'],
  ['copy-stalled', 'a cancel has no effect on a COPY that waits for its client'],
  // With no room left in the kernel's buffer for the rest of a row there is no effect; a bit of room, which Linux does not wake a writer for, and there is one.
  [
    'client-write',
    'a cancel often has no effect while the client does not take the answer, and it would not read of it either',
  ],
  ['idle-in-transaction', 'a cancel has no effect outside of a statement'],
  ['aborted-transaction', 'a cancel has no effect outside of a statement'],
])
