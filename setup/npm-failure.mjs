/** What a request that never got an answer comes to (errno(3), getaddrinfo(3)). */
const unreachable =
  /\b(?:ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/

const longest = 8

/**
 * What a failed npm said, without its manual, its stack traces and the prefix of its lines; a missing network in
 * words of our own.
 * @param {string} output
 * @returns {string}
 */
export function explainNpm(output) {
  const code = unreachable.exec(output)?.[0]
  if (code !== undefined) {
    return `npm cannot reach its registry (${code}); is there a network, and does it need a proxy (npm config set proxy)?`
  }
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (?:error|ERR!) ?/, ''))
    .filter((line) => !/^\s+at |^A complete log of this run|^\s*$/.test(line))
  return `npm says:\n${lines.slice(0, longest).join('\n')}`
}
