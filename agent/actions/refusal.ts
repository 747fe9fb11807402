import type { PolicyReason } from './policy/decide.ts'

/** Why a command was not run: the label of a counter. */
export type RefusalReason =
  | PolicyReason
  | 'too-large'
  | 'no-operators'
  | 'unknown-key'
  | 'same-key'
  | 'bad-signature'
  | 'not-canonical'
  | 'malformed'
  | 'wrong-operator'
  | 'wrong-node'
  | 'unknown-server'
  | 'wrong-target'
  | 'wrong-system'
  | 'lifetime'
  | 'not-yet-valid'
  | 'expired'
  | 'replayed'
  | 'unsupported'
  | 'not-written'

export interface Refusal {
  readonly reason: RefusalReason
  /** One sentence for the operator. */
  readonly message: string
}
