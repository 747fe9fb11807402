/** What of a statement writes temporary files, as far as its text tells. */
export type SpillKind = 'index' | 'hash' | 'sort'

const index = /^\s*(create (unique )?index|reindex|cluster|alter table)\b/i
const ordered = /\border by\b|\bwithin group\b|\bmerge into\b/i
const hashed =
  /\bjoin\b|\bgroup by\b|\bdistinct\b|\bunion\b(?! all)|\bintersect\b|\bexcept\b|\b(in|exists|any)\s*\(\s*select\b/i

/** A statement that wants an order sorts; one that joins, groups or looks for what is the same, and wants none, hashes. */
export function spillKind(text: string): SpillKind {
  if (index.test(text)) return 'index'
  return hashed.test(text) && !ordered.test(text) ? 'hash' : 'sort'
}
