import { parseDocument } from 'yaml'
import { PgherdError, messageOf } from '../../common/errors.ts'

/** A larger file is no inventory. */
export const maxInventoryBytes = 16 * 1024 * 1024

/** What a file may say in all once its anchors are written out: a few lines can stand for millions. */
const maxAliases = 10_000

export type Variables = Readonly<Record<string, unknown>>

/** The document of an inventory as plain values, and what of it is not understood. */
export interface InventoryText {
  readonly content: Variables
  readonly notUnderstood: readonly string[]
}

/**
 * Parses an inventory of Ansible in YAML, with anchors, merge keys and tags of its own such as `!vault`, whose value then is none.
 * @throws PgherdError CONFIG_INVALID, with the places and no content: it has passwords
 */
export function parseInventoryText(text: string, file: string): InventoryText {
  if (Buffer.byteLength(text) > maxInventoryBytes) {
    throw new PgherdError('CONFIG_INVALID', `${file}: was larger than ${maxInventoryBytes} bytes`)
  }
  const hidden: string[] = []
  const document = parseDocument(text, {
    merge: true,
    prettyErrors: true,
    logLevel: 'silent',
    customTags: ['!vault', '!unsafe', '!vault-encrypted'].map((tag) => ({
      tag,
      resolve: (): unknown => {
        hidden.push(tag)
        return null
      },
    })),
  })
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, 20).map((error) => {
      const [place] = error.linePos ?? []
      return `${file}:${place?.line ?? 1}:${place?.col ?? 1}: ${error.code.toLowerCase().replaceAll('_', ' ')}`
    })
    throw new PgherdError('CONFIG_INVALID', problems.join('\n'))
  }
  const content = plain(document, file)
  if (!isMap(content)) throw new PgherdError('CONFIG_INVALID', `${file}: was no map of groups`)
  return {
    content,
    notUnderstood:
      hidden.length === 0 ? [] : [`${hidden.length} encrypted values (!vault): they are taken as not given`],
  }
}

function plain(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: maxAliases })
  } catch (error) {
    throw new PgherdError('CONFIG_INVALID', `${file}: ${messageOf(error)}`)
  }
}

export function isMap(value: unknown): value is Variables {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
