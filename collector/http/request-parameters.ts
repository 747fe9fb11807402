import type { FastifyRequest } from 'fastify'
import { PgherdError } from '../../common/errors.ts'

/** The parameters of a request, wherever they stood. */
export interface RequestParameters {
  /** The first value; an empty one counts as absent, as in Prometheus. */
  one(name: string): string | undefined
  all(name: string): readonly string[]
}

/**
 * Merges the URL query and a form body; the body comes first, as in Go's ParseForm, which every client of this
 * API was written against. The content type parser of the query routes leaves a string for a form and nothing
 * for any other body.
 */
export function readParameters(request: FastifyRequest): RequestParameters {
  const url = request.raw.url ?? ''
  const mark = url.indexOf('?')
  const sources = [
    ...(typeof request.body === 'string' ? [parseForm(request.body)] : []),
    ...(mark === -1 ? [] : [parseForm(url.slice(mark + 1))]),
  ]
  const all = (name: string): readonly string[] => sources.flatMap((source) => source.getAll(name))
  return {
    one: (name) => {
      const source = sources.find((parameters) => parameters.has(name))
      return source?.get(name) || undefined
    },
    all,
  }
}

/** Far more than any client sends; a megabyte of them would be a million. */
const maxParameters = 10_000

function parseForm(text: string): URLSearchParams {
  let count = 1
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) count++
  if (count > maxParameters) {
    throw new PgherdError('BAD_REQUEST', `the request has more than ${maxParameters} parameters`)
  }
  return new URLSearchParams(text)
}

/** `invalid parameter "start": ...`, the words of Prometheus. */
export function invalidParameter(name: string, problem: string): PgherdError {
  return new PgherdError('BAD_REQUEST', `invalid parameter "${name}": ${problem}`)
}

/** One value of a parameter that has its words. */
export function readWord<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const known = words.find((word) => word === text)
  if (known !== undefined) return known
  throw invalidParameter(name, `"${text.slice(0, 64)}" is none of ${words.join(', ')}`)
}

/** The `limit` parameter: 0 and absent mean no limit. */
export function readLimit(parameters: RequestParameters): number {
  const text = parameters.one('limit')
  if (text === undefined) return Infinity
  if (!/^\d{1,15}$/.test(text)) {
    throw invalidParameter(
      'limit',
      `cannot parse "${text.slice(0, 64)}" to a limit: it must be 0 or a positive integer`,
    )
  }
  return Number(text) === 0 ? Infinity : Number(text)
}

/** A whole number between `min` and `max`, or the fallback where it is absent. */
export function readInteger(
  parameters: RequestParameters,
  name: string,
  { min, max, fallback }: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  const text = parameters.one(name)
  if (text === undefined) return fallback
  const number = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= min && number <= max)) {
    throw invalidParameter(
      name,
      `cannot parse "${text.slice(0, 64)}" to a whole number from ${min} to ${max}`,
    )
  }
  return number
}

/** Go's strconv.ParseBool, which Prometheus reads its flags with. */
export function readFlag(parameters: RequestParameters, name: string): boolean {
  const text = parameters.one(name)
  if (text === undefined || /^(?:0|f|F|false|False|FALSE)$/.test(text)) return false
  if (/^(?:1|t|T|true|True|TRUE)$/.test(text)) return true
  throw invalidParameter(name, `cannot parse "${text.slice(0, 64)}" to a boolean`)
}
