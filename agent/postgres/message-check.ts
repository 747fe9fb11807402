/** Longer than any message that a probe can be answered with; more is not kept for something that is no PostgreSQL. */
const maxMessageBytes = 64 * 1024 * 1024
const headerBytes = 5
/**
 * What one answer may take: some 300,000 narrow rows, six times as many as an agent has series unless told. A row costs
 * more than its bytes when it is read.
 */
const maxAnswerBytes = 32 * 1024 * 1024
const rowOverheadBytes = 64
const dataRow = 'D'
const readyForQuery = 'Z'

/** Messages in which the driver looks for the ends of strings, by the letter of their type. */
const walkers: Readonly<Record<string, (body: Buffer) => void>> = {
  R: (body) => {
    // Only AuthenticationSASL has strings: the names of mechanisms, the last one empty.
    if (body.length < 4 || body.readInt32BE(0) !== 10) return
    for (let at = 4, end = 0; ; at = end) if ((end = endOfString(body, at)) === at + 1) return
  },
  S: (body) => void endOfString(body, endOfString(body, 0)),
  C: (body) => void endOfString(body, 0),
  A: (body) => void endOfString(body, endOfString(body, 4)),
  E: walkFields,
  N: walkFields,
  T: (body) => {
    const columns = body.length < 2 ? 0 : body.readInt16BE(0)
    for (let column = 0, at = 2; column < columns; column++) at = endOfString(body, at) + 18
  },
}

/**
 * Looks at what the server sends before the driver does, because that one searches the end of a string beyond
 * the end of its buffer and never returns: then a port on which something else listens (a MySQL greeting is
 * enough) would stop the whole agent. And an answer without an end would take all memory. Formats: PostgreSQL manual,
 * "Message Formats".
 * @returns a function for each chunk in turn, which throws Error when a message cannot come from PostgreSQL, or an
 * answer is too long
 */
export function createMessageCheck(): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0)
  /** Of a message without strings, which needs no look and is not kept. */
  let skipBytes = 0
  let answerBytes = 0

  const count = (type: string, size: number): void => {
    if (type === readyForQuery) answerBytes = 0
    if (type !== dataRow) return
    answerBytes += size + rowOverheadBytes
    if (answerBytes > maxAnswerBytes) throw new Error('it is longer than an agent can take; allowed: a LIMIT')
  }

  return (chunk) => {
    const skipped = Math.min(skipBytes, chunk.length)
    skipBytes -= skipped
    const rest = chunk.subarray(skipped)
    let bytes = pending.length === 0 ? rest : Buffer.concat([pending, rest])
    while (bytes.length >= headerBytes) {
      const type = String.fromCharCode(bytes[0]!)
      const walk = walkers[type]
      const length = bytes.readInt32BE(1)
      if (length < 4 || length > maxMessageBytes) throw notPostgres(`a message of ${length} bytes`)
      const size = length + 1
      if (walk === undefined) count(type, size)
      if (walk === undefined) skipBytes = Math.max(0, size - bytes.length)
      else if (bytes.length < size) break
      else walk(bytes.subarray(headerBytes, size))
      bytes = bytes.subarray(size)
    }
    pending = bytes
  }
}

/** ErrorResponse and NoticeResponse: a letter and a string each, and a zero at the end. */
function walkFields(body: Buffer): void {
  let at = 0
  while (body[at] !== 0) at = endOfString(body, at + 1)
}

/** Where the next item begins. */
function endOfString(body: Buffer, from: number): number {
  const zero = from < body.length ? body.indexOf(0, from) : -1
  if (zero < 0) throw notPostgres('a text without an end')
  return zero + 1
}

function notPostgres(what: string): Error {
  return new Error(`${what} is not PostgreSQL's protocol`)
}
