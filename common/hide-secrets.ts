const word = String.raw`\w{0,32}(?:password|passwd|passphrase|secret|token|api_?key)\w{0,32}`
/** Up to the quote that it began with (two within a string of SQL), or to the end of a text that was cut off. */
const quoted = new RegExp(
  String.raw`(\b${word}\\?["']?\s{0,8}[:=]\s{0,8})(''|\\?["'])((?:(?!\2).){0,1024})(\2|$)`,
  'gi',
)
const bare = new RegExp(String.raw`(\b${word}\s{0,8}=\s{0,8})(?!\\?["'])[^\s'"&;,)}\]]+`, 'gi')
/** A constant as PostgreSQL writes one: quoted, E'', U&'', $tag$. */
const constant = String.raw`(?:(?:e|u&)?'(?:[^'\\]|''|\\.){0,1024}(?:'|$)|\$(\w*)\$[\s\S]{0,1024}?(?:\$\2\$|$))`
const statement = new RegExp(String.raw`(\bpassword\s{1,8})${constant}`, 'gi')
const url = /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/@:]{0,256}:)[^\s@/]+@/gi

/**
 * A text for logs, audits and answers (a statement, a connection string, a setting, JSON), with what looks like a password
 * replaced by `***`: in a URL, behind `password=` and its like, and behind SQL's PASSWORD, also where the text was cut off within
 * it. It cannot know a secret that stands anywhere else.
 */
export function hideSecrets(text: string): string {
  return text
    .replace(url, '$1***@')
    .replace(quoted, '$1$2***$2')
    .replace(bare, '$1***')
    .replace(statement, "$1'***'")
}
