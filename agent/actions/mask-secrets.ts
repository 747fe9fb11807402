const hidden = '***'

/** A string constant as PostgreSQL writes one, also one that was cut off before its end: quoted, E'', U&'', $tag$. */
const constant = String.raw`(?:(?:e|u&)?'(?:[^'\\]|''|\\.)*(?:'|$)|\$(?<tag>\w*)\$[\s\S]*?(?:\$\k<tag>\$|$))`
const sqlPassword = new RegExp(String.raw`(\bpassword\s+)${constant}`, 'gi')
/** libpq's and others' `password=...` with any quoting, within strings as well. */
const parameter =
  /\b((?:password|passwd|passfile|sslpassword|secret|token|api_?key)\s*[=:]\s*)(?:''(?:[^'])*''|'(?:[^'\\]|\\.)*'?|"[^"]*"?|[^\s'",;)&]+)/gi
const url = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@'"]*:)[^\s@/'"]+(@)/gi

/**
 * A text of others (a statement, a connection string, a setting) without the passwords in it: those of ALTER ROLE and of
 * options, of libpq's parameters and of URLs. It cannot know a secret that stands anywhere else.
 */
export function maskSecrets(text: string): string {
  return text
    .replaceAll(sqlPassword, (_, word: string) => `${word}'${hidden}'`)
    .replaceAll(parameter, (_, word: string) => `${word}${hidden}`)
    .replaceAll(url, (_, before: string, after: string) => `${before}${hidden}${after}`)
}

/** A statement of others on one line, without secrets, and no longer than `length`. */
export function shortText(text: string, length = 200): string {
  const flat = maskSecrets(text).replaceAll(/\s+/g, ' ').trim()
  return flat.length <= length ? flat : `${flat.slice(0, length - 1)}…`
}
