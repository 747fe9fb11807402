import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { messageOf } from '../../common/errors.ts'

/**
 * What a database says of itself, if anything is wrong with it. Opened as a file that nobody changes, so that reading it
 * leaves nothing beside it.
 */
export function databaseDamage(path: string): string | undefined {
  const url = pathToFileURL(path)
  url.searchParams.set('immutable', '1')
  try {
    using database = new DatabaseSync(url, { readOnly: true })
    const answer: unknown = database.prepare('PRAGMA quick_check').get()?.['quick_check']
    return answer === 'ok' ? undefined : `the database is damaged: ${String(answer)}`
  } catch (error) {
    return `the database is damaged: ${messageOf(error)}`
  }
}
