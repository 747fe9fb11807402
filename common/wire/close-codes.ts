/** Why a channel is closed: close codes of RFC 6455, 7.4.1, and one of our own. */
export const closeCodes = {
  goingAway: 1001,
  policyViolation: 1008,
  /** A newer connection of the same node has taken over. */
  replaced: 4000,
} as const
