/**
 * What an agent needs to join: `pgherd-join-1.<id>.<secret>.<fingerprint>`. The fingerprint is the SHA-256 of the CA's
 * certificate (DER), so that whoever has the token also knows whom to trust.
 */
export interface JoinToken {
  /** Public: 8 to 32 of A-Z a-z 0-9 _ -. */
  readonly id: string
  /** 256 random bits, base64url. */
  readonly secret: string
  /** 32 bytes, base64url. */
  readonly fingerprint: string
}

const pattern = /^pgherd-join-1\.([A-Za-z0-9_-]{8,32})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/

export function printJoinToken({ id, secret, fingerprint }: JoinToken): string {
  return `pgherd-join-1.${id}.${secret}.${fingerprint}`
}

/** undefined for what is not a whole token, such as one that was cut when it was copied. */
export function parseJoinToken(text: string): JoinToken | undefined {
  const [, id, secret, fingerprint] = pattern.exec(text.trim()) ?? []
  return id === undefined || secret === undefined || fingerprint === undefined
    ? undefined
    : { id, secret, fingerprint }
}
