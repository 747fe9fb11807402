import type {
  CreatedToken,
  JoinTokenView,
  RevokedNode,
  TokenRole,
  TokenView,
} from '../../../common/wire/tokens.ts'
import type { JoinAnswer } from '../../../common/wire/join.ts'

/** Whom the fleet knows, and how that is changed. `by` is whom the audit names. */
export interface AuthService {
  /** What requests without a token may do on the plain listener; nothing where it is left out. */
  readonly anonymousRole?: TokenRole
  checkToken(
    token: string,
  ):
    | { readonly name: string; readonly role: TokenRole }
    | { readonly refused: 'unknown' | 'expired' | 'revoked' }
  /** Why an agent's certificate does not count. */
  certificateProblem(node: string, serial: string): 'unknown' | 'expired' | 'revoked' | undefined
  /** Is called whenever tokens or certificates have been revoked. */
  onRevoked(listener: () => void): void
  readonly tokens: {
    create(
      token: { readonly name: string; readonly role: TokenRole; readonly lifetimeMs: number | null },
      by: string,
    ): Promise<CreatedToken>
    list(): readonly TokenView[]
    revoke(id: string, by: string): Promise<TokenView>
  }
  /** Left out where there is no authority. */
  readonly enrolment?: {
    offer(node: string, lifetimeMs: number, by: string): Promise<JoinTokenView>
    join(token: string, csr: string, node?: string): Promise<JoinAnswer['data']>
    renew(node: string, serial: string, csr: string): Promise<JoinAnswer['data']>
    revoke(node: string, reason: string, by: string): Promise<RevokedNode>
  }
}
