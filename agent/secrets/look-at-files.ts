import { readFile, stat } from 'node:fs/promises'
import type { DefaultPassword } from '../../common/insight/default-passwords.ts'
import type { KnownPassword, PasswordService } from '../../common/known-passwords/known-passwords.ts'
import { withoutPassword } from './candidate.ts'

/** A file with `name = value` lines, and which of them are secrets of what. */
export interface SecretFile {
  readonly path: string
  readonly secrets: readonly { readonly name: RegExp; readonly service: PasswordService }[]
}

const maxBytes = 1 << 20

/** Which secrets of a file are on the list; none where this agent may not read it. */
export async function lookAtFile(
  { path, secrets }: SecretFile,
  known: readonly KnownPassword[],
): Promise<readonly DefaultPassword[]> {
  const text = await readSome(path)
  const found = text.split('\n').flatMap((line) => {
    const [, name = '', value = ''] = /^\s*([\w-]+)\s*=\s*"?(.*?)"?\s*$/.exec(line) ?? []
    const secret = secrets.find((one) => one.name.test(name))
    return known
      .filter(({ service, password }) => service === secret?.service && password === value)
      .slice(0, 1)
  })
  return [...new Set(found)].map((one) => withoutPassword(one, path))
}

async function readSome(path: string): Promise<string> {
  try {
    const stats = await stat(path)
    return stats.isFile() && stats.size <= maxBytes ? await readFile(path, 'utf8') : ''
  } catch {
    return ''
  }
}
