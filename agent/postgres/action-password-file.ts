import { parseTarget } from './target.ts'

/** A way to a server and the file with its user's password. */
interface Way {
  readonly url: string
  readonly passwordFile?: string | undefined
  readonly serviceFile?: string | undefined
}

/**
 * The password of the role for commands: its own file, or that of the role that measures where both are the same user. The
 * password of one role is never shown to a server as that of another.
 * @param url of commands, where they have one of their own
 */
export function actionPasswordFile(
  own: string | undefined,
  url: string | undefined,
  measuring: Way,
): string | undefined {
  if (own !== undefined || url === undefined) return own ?? measuring.passwordFile
  const { serviceFile } = measuring
  const isSame = parseTarget(url, serviceFile).user === parseTarget(measuring.url, serviceFile).user
  return isSame ? measuring.passwordFile : undefined
}
