/**
 * Every error that pgherd reports on purpose, in one table. The HTTP status, the exit status and whether a
 * retry can help are read from here and nowhere else; docs/errors.md lists the same codes (a test compares).
 */
export const catalogue = {
  USAGE: { status: 400, exit: 2, retry: false, meaning: 'The command line cannot be understood.' },
  CONFIG_INVALID: { status: 400, exit: 2, retry: false, meaning: 'The configuration has errors.' },
  BAD_REQUEST: { status: 400, exit: 1, retry: false, meaning: 'A request is malformed.' },
  BAD_DATA: { status: 400, exit: 1, retry: false, meaning: 'Data could not be decoded.' },
  REQUEST_TOO_LARGE: { status: 413, exit: 1, retry: false, meaning: 'A request exceeds its size limit.' },
  UNSUPPORTED_ENCODING: {
    status: 415,
    exit: 1,
    retry: false,
    meaning: 'A content type or encoding is not supported.',
  },
  QUERY_INVALID: { status: 400, exit: 2, retry: false, meaning: 'A query does not parse or type-check.' },
  QUERY_FAILED: { status: 422, exit: 1, retry: false, meaning: 'A query could not be executed.' },
  QUERY_LIMIT: { status: 422, exit: 1, retry: false, meaning: 'A query exceeds a series or sample limit.' },
  NOT_FOUND: { status: 404, exit: 1, retry: false, meaning: 'The named thing does not exist.' },
  METHOD_NOT_ALLOWED: {
    status: 405,
    exit: 1,
    retry: false,
    meaning: 'The thing exists and takes other methods.',
  },
  NOT_SUPPORTED: { status: 501, exit: 1, retry: false, meaning: 'This program or its store cannot do that.' },
  UNAUTHENTICATED: { status: 401, exit: 3, retry: false, meaning: 'Who asks is not known, or no longer.' },
  REFUSED: { status: 403, exit: 3, retry: false, meaning: 'The request is understood and not allowed.' },
  OVERLOADED: { status: 429, exit: 1, retry: true, meaning: 'Too much is asked for at once.' },
  BUSY: { status: 503, exit: 1, retry: true, meaning: 'Too much is being written at once.' },
  UNREACHABLE: { status: 503, exit: 4, retry: true, meaning: 'The other side cannot be reached.' },
  TIMED_OUT: { status: 504, exit: 5, retry: true, meaning: 'No answer came within the deadline.' },
  CANCELLED: { status: 499, exit: 1, retry: false, meaning: 'The work was cancelled before it finished.' },
  PORT_TAKEN: { status: 500, exit: 1, retry: false, meaning: 'Another process listens on that address.' },
  DIRECTORY_UNUSABLE: {
    status: 500,
    exit: 1,
    retry: false,
    meaning: 'A directory cannot be created, read or written.',
  },
  DIRECTORY_LOCKED: {
    status: 500,
    exit: 1,
    retry: false,
    meaning: 'Another process already uses that directory.',
  },
  DISK_FULL: { status: 503, exit: 1, retry: true, meaning: 'No space is left for data that must be kept.' },
  STORE_CORRUPT: { status: 500, exit: 1, retry: false, meaning: 'Stored data fails its checksum.' },
  POSTGRES_UNAVAILABLE: { status: 503, exit: 4, retry: true, meaning: 'PostgreSQL refuses or is silent.' },
  COMMAND_FAILED: { status: 500, exit: 1, retry: false, meaning: 'A command was carried out and failed.' },
  PROBE_FAILED: { status: 500, exit: 1, retry: true, meaning: 'One probe failed; the others go on.' },
  PROBE_INVALID: { status: 400, exit: 2, retry: false, meaning: 'A probe definition has errors.' },
  RULE_INVALID: { status: 400, exit: 2, retry: false, meaning: 'A rule file has errors.' },
  INTERNAL: { status: 500, exit: 1, retry: false, meaning: 'A defect in pgherd.' },
} as const

export type ErrorCode = keyof typeof catalogue

/** An error from the catalogue: `message` is one sentence for a person, `details` are its facts for a log. */
export class PgherdError extends Error {
  override readonly name = 'PgherdError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  get status(): number {
    return catalogue[this.code].status
  }

  get exit(): number {
    return catalogue[this.code].exit
  }

  get retry(): boolean {
    return catalogue[this.code].retry
  }
}

/** The error itself when it is ours, else an INTERNAL one that keeps the cause. */
export function toPgherdError(error: unknown): PgherdError {
  if (error instanceof PgherdError) return error
  return new PgherdError('INTERNAL', messageOf(error), { cause: error })
}

/** The text of anything that was thrown. AggregateErrors (Node's connect) carry theirs one level down. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ')
  }
  return error instanceof Error ? error.message : String(error)
}

/** The system's error code (ENOENT, ECONNREFUSED, ...) or SQLSTATE of an error, if it has one. */
export function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : undefined
}
