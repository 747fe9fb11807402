/**
 * A text for logs, audits and answers, with what looks like a password replaced by `***`: in a URL, behind `password=`
 * (a connection string, JSON) and behind SQL's PASSWORD.
 */
export function hideSecrets(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/@:]{0,256}:)[^\s@/]+@/gi, '$1***@')
    .replace(
      /(\b\w{0,32}(?:password|passwd|passphrase|secret|token)\w{0,32}\\?["']?\s{0,8}[:=]\s{0,8})(\\?["'])((?:(?!\2).){0,1024})\2/gi,
      '$1$2***$2',
    )
    .replace(
      /(\b\w{0,32}(?:password|passwd|passphrase|secret|token)\s{0,8}=\s{0,8})(?!\\?["'])[^\s&;,)}\]]+/gi,
      '$1***',
    )
    .replace(/(\bpassword\s{1,8})(E?'(?:[^'\\]|''|\\.){0,1024}'|\$(\w*)\$[\s\S]{0,1024}?\$\3\$)/gi, "$1'***'")
}
